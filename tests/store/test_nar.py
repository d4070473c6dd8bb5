"""Nix archives: written as Nix writes them, and read with suspicion."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from system_manager.store.errors import InvalidNarError, StoreError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.metadata import remove_tree
from system_manager.store.nar import (
    NullVisitor,
    file_nar,
    hash_nar,
    read_nar,
    restore_nar,
    write_nar,
)
from tests.store.golden import CASES
from tests.store.trees import File, Tree, look, make


def dump(path: Path) -> bytes:
    sink = io.BytesIO()
    write_nar(path, sink.write)
    return sink.getvalue()


NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: not {0, ord("/")} & set(name) and name not in (b".", b"..")
)
LEAVES = st.builds(File, st.binary(max_size=40), st.booleans()) | st.text("abc./", min_size=1, max_size=9)
TREES = st.recursive(LEAVES, lambda children: st.dictionaries(NAMES, children, max_size=5), max_leaves=12)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_restoring_gives_back_the_tree(tmp_path_factory: pytest.TempPathFactory, tree: Tree) -> None:
    directory = tmp_path_factory.mktemp("nar")
    make(tree, directory / "tree")
    archive = dump(directory / "tree")
    restore_nar(io.BytesIO(archive).read, directory / "copy")
    assert look(directory / "copy") == tree
    assert dump(directory / "copy") == archive
    found = hash_nar(directory / "tree")
    assert found.size == len(archive)
    assert found.hash == hash_bytes(HashAlgorithm.SHA256, archive)
    remove_tree(directory)


def test_archive_of_a_tree_as_nix_writes_it(tmp_path: Path) -> None:
    golden = (CASES / "trees/plain.nar").read_bytes()
    assert dump(CASES / "trees/plain") == golden
    restore_nar(io.BytesIO(golden).read, tmp_path / "plain")
    assert dump(tmp_path / "plain") == golden


def test_archive_of_one_file(tmp_path: Path) -> None:
    for content in (b"", b"1234567", b"12345678"):
        for executable in (False, True):
            file = tmp_path / f"{len(content)}{executable}"
            file.write_bytes(content)
            file.chmod(0o755 if executable else 0o644)
            assert file_nar(content, executable=executable) == dump(file)


def test_what_is_restored_rests_as_the_store_wants_it(tmp_path: Path) -> None:
    make({b"run": File(b"x", executable=True), b"data": File(b"y"), b"link": "data", b"dir": {}}, tmp_path / "t")
    restore_nar(io.BytesIO(dump(tmp_path / "t")).read, tmp_path / "copy")
    expected = {"run": 0o555, "data": 0o444, "dir": 0o555, ".": 0o555}
    for name, mode in expected.items():
        assert stat.S_IMODE((tmp_path / "copy" / name).stat().st_mode) == mode
    for name in [*expected, "link"]:
        assert (tmp_path / "copy" / name).lstat().st_mtime == 1


def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "sparse"
    with file.open("wb") as opened:
        opened.truncate(5_000_003)
    pieces: list[int] = []
    write_nar(file, lambda data: pieces.append(len(data)))
    assert max(pieces) <= 1 << 18
    assert sum(pieces) == len(file_nar(b"")) + 5_000_003 + 5


def test_a_filter_sees_paths_and_types_and_leaves_out_what_it_refuses(tmp_path: Path) -> None:
    make({b"keep": File(b""), b"drop": {b"below": File(b"")}, b"link": "keep"}, tmp_path / "t")
    os.mkfifo(tmp_path / "t/pipe")
    seen: dict[str, str] = {}

    def accept(path: str, kind: str) -> bool:
        seen[path.removeprefix(f"{tmp_path}/t/")] = kind
        return not path.endswith(("drop", "pipe"))

    make({b"keep": File(b""), b"link": "keep"}, tmp_path / "expected")
    assert hash_nar(tmp_path / "t", accept=accept) == hash_nar(tmp_path / "expected")
    assert seen == {"keep": "regular", "drop": "directory", "link": "symlink", "pipe": "unknown"}


def test_a_file_that_cannot_be_in_the_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="unsupported type"):
        hash_nar(tmp_path)


def test_a_tree_deeper_than_python_can_recurse(tmp_path: Path) -> None:
    depth = 1800
    node = b"".join(map(token, (b"(", b"type", b"regular", b"contents", b"x", b")")))
    for _ in range(depth):
        node = (
            b"".join(map(token, (b"(", b"type", b"directory", b"entry", b"(", b"name", b"d", b"node")))
            + node
            + token(b")")
            + token(b")")
        )
    archive = token(b"nix-archive-1") + node
    restore_nar(io.BytesIO(archive).read, tmp_path / "deep")
    assert dump(tmp_path / "deep") == archive
    remove_tree(tmp_path / "deep")
    assert not (tmp_path / "deep").exists()


def token(data: bytes) -> bytes:
    return len(data).to_bytes(8, "little") + data + bytes(-len(data) % 8)


def nar(*tokens: bytes) -> bytes:
    return b"".join(map(token, (b"nix-archive-1", *tokens)))


def directory_with(*names: bytes) -> bytes:
    tokens: list[bytes] = [b"(", b"type", b"directory"]
    for name in names:
        tokens += [b"entry", b"(", b"name", name, b"node", b"(", b"type", b"symlink", b"target", b"/etc", b")", b")"]
    return nar(*tokens, b")")


GOOD = directory_with(b"a", b"b")
HOSTILE = [
    ("nothing", b""),
    ("another format", token(b"nix-archive-2")),
    ("a tar archive", b"ustar" * 100),
    ("cut off in a name", GOOD[:200]),
    ("cut off before the end", GOOD[:-16]),
    ("a name that is empty", directory_with(b"")),
    ("a name that is the directory itself", directory_with(b".")),
    ("a name that is the parent", directory_with(b"..")),
    ("a name with a slash", directory_with(b"a/b")),
    ("an absolute name", directory_with(b"/etc")),
    ("a name with a zero byte", directory_with(b"a\0b")),
    ("the same name twice", directory_with(b"a", b"a")),
    ("names out of order", directory_with(b"b", b"a")),
    ("names ordered without case", directory_with(b"a", b"B")),
    (
        "a file inside a link of the same name",
        nar(
            *(b"(", b"type", b"directory"),
            *(b"entry", b"(", b"name", b"a", b"node", b"(", b"type", b"symlink", b"target", b"/etc", b")", b")"),
            *(b"entry", b"(", b"name", b"a", b"node", b"(", b"type", b"directory", b")", b")", b")"),
        ),
    ),
    ("an entry without a name", nar(b"(", b"type", b"directory", b"entry", b"(", b"node", b"(")),
    ("an unknown type", nar(b"(", b"type", b"device", b")")),
    ("an unknown field of a file", nar(b"(", b"type", b"regular", b"setuid", b"", b"contents", b"x", b")")),
    ("an unknown field of a directory", nar(b"(", b"type", b"directory", b"owner", b"root", b")")),
    ("executable with a value", nar(b"(", b"type", b"regular", b"executable", b"yes", b"contents", b"x", b")")),
    ("a link without a target", nar(b"(", b"type", b"symlink", b")")),
    ("a link with an empty target", nar(b"(", b"type", b"symlink", b"target", b"", b")")),
    ("a link with a zero byte in its target", nar(b"(", b"type", b"symlink", b"target", b"a\0b", b")")),
    ("content longer than the archive", GOOD[:16] + (1 << 62).to_bytes(8, "little")),
    (
        "a file that claims to be endless",
        nar(b"(", b"type", b"regular", b"contents") + ((1 << 64) - 1).to_bytes(8, "little") + b"x" * 64,
    ),
    ("a name that is too long for any memory", nar(b"(", b"type") + (1 << 40).to_bytes(8, "little")),
    ("padding that is not zero", nar(b"(", b"type", b"regular", b"contents") + b"\1" + bytes(7) + b"x" + b"\1" * 7),
    ("content after the contents", nar(b"(", b"type", b"regular", b"contents", b"x", b"contents", b"y", b")")),
]


@pytest.mark.parametrize("archive", [case[1] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_archives_are_refused(archive: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidNarError):
        read_nar(io.BytesIO(archive).read, NullVisitor())
    with pytest.raises(InvalidNarError):
        restore_nar(io.BytesIO(archive).read, tmp_path / "victim")
    assert {path.name for path in tmp_path.iterdir()} <= {"victim"}


def test_the_hostile_archives_differ_from_a_good_one_only_in_what_they_show(tmp_path: Path) -> None:
    restore_nar(io.BytesIO(GOOD).read, tmp_path / "good")
    assert look(tmp_path / "good") == {b"a": "/etc", b"b": "/etc"}


def test_a_name_that_the_file_system_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        restore_nar(io.BytesIO(directory_with(b"n" * 300)).read, tmp_path / "x")


@pytest.mark.parametrize("prepare", [Path.mkdir, Path.touch, lambda path: path.symlink_to("elsewhere")])
def test_nothing_that_exists_is_touched(prepare: Callable[[Path], None], tmp_path: Path) -> None:
    prepare(tmp_path / "there")
    with pytest.raises(FileExistsError):
        restore_nar(io.BytesIO(directory_with()).read, tmp_path / "there")
    with pytest.raises(FileExistsError):
        restore_nar(io.BytesIO(file_nar(b"x")).read, tmp_path / "there")
    assert not (tmp_path / "elsewhere").exists()


def test_an_archive_that_arrives_byte_by_byte(tmp_path: Path) -> None:
    stream = io.BytesIO((CASES / "trees/plain.nar").read_bytes())
    restore_nar(lambda size: stream.read(min(size, 1)), tmp_path / "copy")
    assert hash_nar(tmp_path / "copy") == hash_nar(CASES / "trees/plain")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_byte_never_makes_the_reader_fail_in_another_way(data: st.DataObject) -> None:
    archive = bytearray((CASES / "trees/plain.nar").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidNarError):
        read_nar(io.BytesIO(bytes(archive)).read, NullVisitor())
