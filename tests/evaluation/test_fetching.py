"""``fetchGit``, ``fetchTree`` and ``fetchTarball`` on repositories and archives made here; hostile archives."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from system_manager.language.errors import EvaluationError
from system_manager.store.store import Store
from tests.conftest import unavailable
from tests.evaluation.conftest import evaluate
from tests.support.oracle import Oracle

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2020-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2020-01-02T03:04:05Z",
}


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", repository, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        unavailable("needs git; on Debian: apt-get install git")
    made = tmp_path / "repository"
    made.mkdir()
    git(made, "init", "--quiet", "--initial-branch=master")
    (made / "file").write_text("one\n")
    (made / "run").write_text("#!/bin/sh\n")
    (made / "run").chmod(0o755)
    (made / "link").symlink_to("file")
    (made / "sub").mkdir()
    (made / "sub/default.nix").write_text("1\n")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message=one")
    git(made, "tag", "v1")
    (made / "file").write_text("two\r\n")
    git(made, "commit", "--quiet", "--all", "--message=two")
    git(made, "branch", "other", "v1")
    return made


def with_attributes(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.secret export-ignore\nfile text eol=crlf\nid export-subst\n")
    (repository / "x.secret").write_text("x")
    (repository / "id").write_text("$Format:%H$\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message=attributes")


def with_a_change(repository: Path) -> None:
    (repository / "file").write_text("three\n")
    (repository / "untracked").write_text("x")


def with_an_untracked_file(repository: Path) -> None:
    (repository / "untracked").write_text("x")


def with_an_added_file(repository: Path) -> None:
    (repository / "added").write_text("x")
    git(repository, "add", "added")


def with_a_removed_file(repository: Path) -> None:
    (repository / "file").unlink()


def as_it_is(repository: Path) -> None:
    pass


SHOW = "let r = builtins.fetchGit %s; in r // { outPath = builtins.unsafeDiscardStringContext r.outPath; }"


@pytest.mark.oracle
@pytest.mark.parametrize(
    "prepare",
    [as_it_is, with_attributes, with_a_change, with_an_untracked_file, with_an_added_file, with_a_removed_file],
)
@pytest.mark.parametrize(
    "arguments",
    [
        "REPOSITORY",
        '"file://REPOSITORY"',
        "{ url = REPOSITORY; }",
        '{ url = REPOSITORY; ref = "master"; }',
        '{ url = REPOSITORY; ref = "other"; }',
        '{ url = REPOSITORY; ref = "refs/tags/v1"; name = "named"; }',
        '{ url = REPOSITORY; rev = "REVISION"; }',
        '{ url = REPOSITORY; rev = "REVISION"; shallow = true; }',
        '{ url = REPOSITORY; ref = "master"; exportIgnore = false; }',
    ],
)
def test_fetches_what_nix_fetches(
    prepare: Callable[[Path], None], arguments: str, repository: Path, store: Store, oracle: Oracle, tmp_path: Path
) -> None:
    prepare(repository)
    text = SHOW % arguments.replace("REPOSITORY", str(repository)).replace(
        "REVISION", git(repository, "rev-parse", "v1")
    )
    oracle.share(repository)
    nix = tmp_path / "nix"
    nix.mkdir()
    oracle.share(nix, "/nix")
    options = ["--eval", "--strict", "--read-write-mode", "--expr", text]
    answer = oracle.run(["nix-instantiate", *options], environment={"HOME": "/tmp"})
    assert answer.returncode == 0, answer.stderr
    assert evaluate(text, store=store) + "\n" == answer.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('{ url = REPOSITORY; ref = "nowhere"; }', "no reference 'nowhere'"),
        ('{ url = REPOSITORY; rev = "abc"; }', "not a full git revision"),
        (f'{{ url = REPOSITORY; rev = "{"0" * 40}"; }}', "cannot fetch"),
        ('{ url = REPOSITORY; reff = "x"; }', "'reff' not supported"),
        ("{ }", "'url' is missing"),
        ("1", "cannot coerce an integer"),
        ('"REPOSITORY/nothing"', "no git repository"),
        ('"REPOSITORY/sub/../.."', "cannot fetch"),
        ('{ url = REPOSITORY; narHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }', "NAR hash mismatch"),
        ('{ url = "--upload-pack=touch /tmp/x"; ref = "x"; }', "not the location"),
        ("{ url = REPOSITORY; verifyCommit = true; }", "'verifyCommit'"),
    ],
)
def test_refuses(arguments: str, message: str, repository: Path, store: Store) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(f"builtins.fetchGit {arguments.replace('REPOSITORY', str(repository))}", store=store)


def test_hooks_and_filters_of_a_repository_do_not_run(repository: Path, store: Store, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    hook = repository / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    git(repository, "config", "core.fsmonitor", f"touch {ran}")
    evaluate(f"(builtins.fetchGit {repository}).rev", store=store)
    assert not ran.exists()


TREES = """
let
  show = tree: tree // { outPath = builtins.unsafeDiscardStringContext tree.outPath; };
in map (a: show (builtins.fetchTree a)) [
  { type = "file"; url = "file://DIRECTORY/text"; }
  { type = "tarball"; url = "file://DIRECTORY/archive.tar.gz"; }
  { type = "git"; url = "file://REPOSITORY"; rev = "REVISION"; ref = "other"; }
  "file://DIRECTORY/archive.tar.gz"
  "file+file://DIRECTORY/archive.tar.gz"
  "git+file://REPOSITORY?ref=other"
]
"""


def make_archive(path: Path, entries: dict[str, bytes | str | None], **changes: object) -> None:
    """Bytes are a file, a text is a link, None is a directory."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.mtime = 1_500_000_000
            info.mode = 0o755
            data = b""
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                data, info.size = content, len(content)
            for key, value in changes.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))


@pytest.mark.oracle
def test_trees_are_those_of_nix(repository: Path, store: Store, oracle: Oracle, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    make_archive(tmp_path / "archive.tar.gz", {"top": None, "top/x": b"x", "top/link": "x", "top/deep/y": b"y"})
    text = TREES.replace("DIRECTORY", str(tmp_path)).replace("REPOSITORY", str(repository))
    text = text.replace("REVISION", git(repository, "rev-parse", "v1"))
    nix = tmp_path / "nix"
    nix.mkdir()
    oracle.share(tmp_path)
    oracle.share(nix, "/nix")
    options = ["--eval", "--strict", "--read-write-mode", "--extra-experimental-features", "fetch-tree", "--expr", text]
    answer = oracle.run(["nix-instantiate", *options], environment={"HOME": "/tmp"})
    assert answer.returncode == 0, answer.stderr
    assert evaluate(text, store=store) + "\n" == answer.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("{ }", "'type' to 'fetchTree' is missing"),
        ('{ type = "github"; owner = "a"; repo = "b"; }', "'github' is not supported"),
        ('"github:a/b"', "'github' is not supported"),
        ('{ type = "path"; }', "'path' is missing"),
        ('{ type = "path"; path = "/surely/not/there"; }', "does not exist"),
        ('{ type = "file"; }', "'url' is missing"),
        ('{ type = "file"; url = "gopher://x/y"; }', "unsupported protocol"),
    ],
)
def test_refuses_trees(arguments: str, message: str, store: Store) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(f"builtins.fetchTree {arguments}", store=store)


class TestHostileArchives:
    def fetch(self, archive: Path, store: Store) -> str:
        return evaluate(f'builtins.readDir (builtins.fetchTarball "file://{archive}")', store=store)

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            ({"../escape": b"x"}, "leaves its directory"),
            ({"top": None, "top/../../escape": b"x"}, "leaves its directory"),
            ({"/escape": b"x"}, "leaves its directory"),
            ({"top": None, "top/link": "/tmp", "top/link/x": b"x"}, "behind a symbolic link"),
            ({"link": "..", "link/escape": b"x"}, "behind a symbolic link"),
        ],
    )
    def test_nothing_leaves_the_directory(self, entries: dict, message: str, tmp_path: Path, store: Store) -> None:
        make_archive(tmp_path / "x.tar.gz", entries)
        with pytest.raises(EvaluationError, match=message):
            self.fetch(tmp_path / "x.tar.gz", store)
        assert not (tmp_path / "escape").exists()

    @pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
    def test_devices_are_refused(self, kind: bytes, tmp_path: Path, store: Store) -> None:
        make_archive(tmp_path / "x.tar.gz", {"top/device": b""}, type=kind)
        with pytest.raises(EvaluationError, match="no file, directory or link"):
            self.fetch(tmp_path / "x.tar.gz", store)

    @pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"PK\x03\x04", b"\0" * 1024, bytes(range(256))[::-1] * 3])
    def test_garbage_is_refused_or_empty(self, content: bytes, tmp_path: Path, store: Store) -> None:
        (tmp_path / "x.tar.gz").write_bytes(content)
        if content == b"\0" * 1024:
            assert self.fetch(tmp_path / "x.tar.gz", store) == "{ }"
        else:
            with pytest.raises(EvaluationError, match="not an archive"):
                self.fetch(tmp_path / "x.tar.gz", store)

    def test_a_torn_archive_is_refused(self, tmp_path: Path, store: Store) -> None:
        make_archive(tmp_path / "x.tar.gz", {"top": None, "top/x": random.Random(0).randbytes(5000)})
        data = (tmp_path / "x.tar.gz").read_bytes()
        (tmp_path / "x.tar.gz").write_bytes(data[: len(data) // 2])
        with pytest.raises(EvaluationError, match="not an archive"):
            self.fetch(tmp_path / "x.tar.gz", store)

    def test_set_user_id_is_not_taken_over(self, tmp_path: Path, store: Store) -> None:
        make_archive(tmp_path / "x.tar.gz", {"top": None, "top/x": b"x"}, mode=0o6755)
        text = f'builtins.fetchTarball "file://{tmp_path}/x.tar.gz"'
        found = store.layout.store_directory / Path(evaluate(text, store=store).strip('"')).name
        assert (found / "x").stat().st_mode & 0o7777 == 0o555


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ('import "${fetchGit REPOSITORY}/sub"', "1"),
        ('import (fetchGit REPOSITORY + "/sub")', "1"),
        ("builtins.attrNames (builtins.readDir (fetchGit REPOSITORY))", '[ "file" "link" "run" "sub" ]'),
        ('import "${fetchTarball "file://REPOSITORY/archive.tar"}/default.nix"', "1"),
        ('builtins.pathExists (fetchTarball "file://REPOSITORY/archive.tar")', "true"),
    ],
)
def test_what_was_fetched_can_be_read_without_writing_to_the_store(
    program: str, value: str, repository: Path, tmp_path: Path
) -> None:
    with tarfile.open(repository / "archive.tar", "w") as archive:
        archive.add(repository / "sub", "sub")
    assert evaluate(program.replace("REPOSITORY", str(repository)), directory=tmp_path) == value
