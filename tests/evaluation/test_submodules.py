"""``fetchGit`` on repositories with submodules, and on ones whose trees no honest git writes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from system_manager.language.errors import EvaluationError
from system_manager.store.store import Store
from tests.conftest import unavailable
from tests.evaluation.conftest import evaluate
from tests.evaluation.test_fetching import git

ALLOW_LOCAL = ("-c", "protocol.file.allow=always")


def commit_all(repository: Path, message: str) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", f"--message={message}")
    return git(repository, "rev-parse", "HEAD")


def make(directory: Path) -> Path:
    directory.mkdir()
    git(directory, "init", "--quiet", "--initial-branch=master")
    (directory / "file").write_text(f"of {directory.name}\n")
    commit_all(directory, "first")
    return directory


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """A repository with a submodule at ``deep/middle``, which has one at ``inner``; all of them checked out."""
    if shutil.which("git") is None:
        unavailable("needs git; on Debian: apt-get install git")
    make(tmp_path / "inner")
    middle, outer = make(tmp_path / "middle"), make(tmp_path / "outer")
    for repository, url, path in ((middle, "../inner", "inner"), (outer, "../middle", "deep/middle")):
        git(repository, *ALLOW_LOCAL, "submodule", "--quiet", "add", url, path)
        commit_all(repository, "submodule")
    git(outer, *ALLOW_LOCAL, "submodule", "--quiet", "update", "--init", "--recursive")
    return outer


def fetched(arguments: str, store: Store) -> list[str]:
    """The files and empty directories of what ``fetchGit`` yields."""
    text = evaluate(f"(builtins.fetchGit {arguments}).outPath", store=store)
    top = store.layout.store_directory / text.strip('"').rpartition("/")[2]
    found = []
    for directory, directories, files in os.walk(top):
        found += [str((Path(directory) / name).relative_to(top)) for name in files]
        if not directories and not files:
            found.append(f"{Path(directory).relative_to(top)}/")
    return sorted(found)


TOP = [".gitmodules", "file"]
ALL = [".gitmodules", "deep/middle/.gitmodules", "deep/middle/file", "deep/middle/inner/file", "file"]

# What there is, checked against Nix 2.26 and 2.34.
FETCHED = [
    ("{ url = OUTER; }", TOP),
    ("{ url = OUTER; exportIgnore = false; }", [".gitmodules", "deep/middle/", "file"]),
    ("{ url = OUTER; submodules = true; }", ALL),
    ('{ url = OUTER; submodules = true; rev = "REVISION"; }', ALL),
    ('{ url = OUTER; submodules = true; ref = "master"; }', ALL),
    ('{ url = "file://OUTER"; submodules = true; ref = "master"; }', ALL),
    ('{ url = OUTER; rev = "REVISION"; }', TOP),
    ('{ url = OUTER; rev = "REVISION"; exportIgnore = false; }', [".gitmodules", "deep/middle/", "file"]),
    ("{ url = OUTER/deep/middle; submodules = true; }", [".gitmodules", "file", "inner/file"]),
]


@pytest.mark.parametrize(("arguments", "expected"), FETCHED)
def test_files(arguments: str, expected: list[str], outer: Path, store: Store) -> None:
    revision = git(outer, "rev-parse", "HEAD")
    assert fetched(arguments.replace("OUTER", str(outer)).replace("REVISION", revision), store) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("{ url = OUTER; }", TOP),
        ("{ url = OUTER; exportIgnore = false; }", TOP),
        ("{ url = OUTER; submodules = true; }", ALL),
    ],
)
def test_files_of_a_changed_working_tree(arguments: str, expected: list[str], outer: Path, store: Store) -> None:
    (outer / "deep/middle/file").write_text("changed\n")
    arguments = arguments.replace("OUTER", str(outer))
    assert fetched(arguments, store) == expected
    assert evaluate(f"(builtins.fetchGit {arguments}).dirtyRev or null", store=store) != "null"


@pytest.mark.parametrize("submodules", ["false", "true"])
def test_a_submodule_that_nothing_declares_is_an_empty_directory(submodules: str, outer: Path, store: Store) -> None:
    (outer / ".gitmodules").unlink()
    revision = commit_all(outer, "undeclared")
    for more in ("", f'rev = "{revision}"; '):
        arguments = f"{{ url = {outer}; submodules = {submodules}; {more}}}"
        assert fetched(arguments, store) == ["deep/middle/", "file"]


def test_submodules_of_a_clone_come_from_beside_its_origin(outer: Path, store: Store, tmp_path: Path) -> None:
    clone = tmp_path / "elsewhere/clone"
    git(outer, "clone", "--quiet", str(outer), str(clone))
    revision = git(clone, "rev-parse", "HEAD")
    assert fetched(f'{{ url = {clone}; rev = "{revision}"; submodules = true; }}', store) == ALL
    with pytest.raises(EvaluationError, match=r"deep/middle' is not checked out"):
        fetched(f"{{ url = {clone}; submodules = true; }}", store)


def test_ignoring_for_export_is_not_defined_with_submodules(outer: Path, store: Store) -> None:
    with pytest.raises(EvaluationError, match="not supported together"):
        fetched(f"{{ url = {outer}; submodules = true; exportIgnore = true; }}", store)


def write_object(repository: Path, kind: str, content: bytes, tmp_path: Path) -> str:
    file = tmp_path / "object"
    file.write_bytes(content)
    return git(repository, "hash-object", "-t", kind, "-w", "--literally", str(file))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([("40000", "..", "tree")], "name '../escaped'"),
        ([("40000", ".", "tree")], "name './escaped'"),
        ([("120000", "a", "link"), ("40000", "a", "tree")], "'a' as a file and as a directory"),
    ],
)
def test_trees_that_lead_elsewhere(
    entries: list[tuple[str, str, str]], message: str, store: Store, tmp_path: Path
) -> None:
    repository = make(tmp_path / "hostile")
    blob = write_object(repository, "blob", b"content", tmp_path)
    objects = {
        "link": write_object(repository, "blob", bytes(tmp_path / "escape"), tmp_path),
        "tree": write_object(repository, "tree", b"100644 escaped\0" + bytes.fromhex(blob), tmp_path),
    }
    content = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(objects[kind]) for mode, name, kind in entries)
    tree = write_object(repository, "tree", content, tmp_path)
    revision = git(repository, "commit-tree", "-m", "hostile", tree)
    with pytest.raises(EvaluationError, match=message):
        fetched(f'{{ url = {repository}; rev = "{revision}"; }}', store)
