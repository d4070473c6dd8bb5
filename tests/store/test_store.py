"""Adding to a store, asking it, and opening it."""

from __future__ import annotations

import io
import multiprocessing
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from system_manager.base import records
from system_manager.base.files import umask
from system_manager.base.records import replace
from system_manager.store.addressing import ContentAddress, IngestionMethod, compute_text_path, make_fixed_output_path
from system_manager.store.database import PathInfo
from system_manager.store.derivation import Derivation, Output
from system_manager.store.errors import (
    CorruptStoreError,
    InvalidDerivationError,
    InvalidNarError,
    InvalidStorePathError,
    PathNotValidError,
    StoreError,
    StoreUnavailableError,
)
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.nar import file_nar, hash_nar
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from tests.store.trees import File, look, make

TREE = {b"bin": {b"run": File(b"#!/bin/sh\n", executable=True)}, b"data": File(b"data"), b"link": "data"}


def entries(store: Store) -> set[str]:
    return {path.name for path in store.layout.store_directory.iterdir()}


def test_a_text(store: Store) -> None:
    first = store.add_text("first", "content")
    second = store.add_text("second", f"see {first}", [first])
    assert first == compute_text_path("first", "content")
    assert store.real_path(second).read_text() == f"see {first}"
    info = store.path_info(second)
    assert info.references == {first}
    assert str(info.content_address).startswith("text:sha256:")
    assert (info.nar_hash, info.nar_size) == (
        hash_nar(store.real_path(second)).hash,
        len(file_nar(str(first).encode() + b"see ")),
    )
    assert store.closure([second]) == {first, second}
    assert store.database.referrers(first) == {second}


def test_a_tree(store: Store, tmp_path: Path) -> None:
    make(TREE, tmp_path / "tree")
    path = store.add_path(tmp_path / "tree", "tree")
    assert look(store.real_path(path)) == TREE
    content = ContentAddress(IngestionMethod.RECURSIVE, hash_nar(tmp_path / "tree").hash)
    assert path == make_fixed_output_path("tree", content)
    assert store.path_info(path).content_address == content
    for real in [store.real_path(path), *store.real_path(path).rglob("*")]:
        status = real.lstat()
        assert status.st_mtime == 1
        assert stat.S_ISLNK(status.st_mode) or not status.st_mode & 0o222


def test_a_filtered_tree(store: Store, tmp_path: Path) -> None:
    make({**TREE, b"secret": File(b"!")}, tmp_path / "tree")
    path = store.add_path(tmp_path / "tree", "tree", accept=lambda name, _: not name.endswith("secret"))
    assert look(store.real_path(path)) == TREE


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
@pytest.mark.parametrize("method", [IngestionMethod.FLAT, IngestionMethod.RECURSIVE])
def test_a_file(store: Store, tmp_path: Path, method: IngestionMethod, algorithm: HashAlgorithm) -> None:
    make(File(b"content", executable=True), tmp_path / "file")
    path = store.add_path(tmp_path / "file", "file", method=method, algorithm=algorithm)
    recursive = method is IngestionMethod.RECURSIVE
    hashed = file_nar(b"content", executable=True) if recursive else b"content"
    assert path == make_fixed_output_path("file", ContentAddress(method, hash_bytes(algorithm, hashed)))
    assert look(store.real_path(path)) == File(b"content", executable=recursive)


def test_a_link(store: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/nowhere")
    path = store.add_path(tmp_path / "link", "link")
    assert store.real_path(path).readlink() == Path("/nowhere")


def test_adding_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    make(TREE, tmp_path / "tree")
    once = (store.add_text("a", "a"), store.add_path(tmp_path / "tree", "tree"))
    before = [(store.path_info(path), store.real_path(path).stat().st_ino) for path in once]
    with Store.open(store.layout.root) as again:
        assert (again.add_text("a", "a"), again.add_path(tmp_path / "tree", "tree")) == once
        assert [(again.path_info(path), again.real_path(path).stat().st_ino) for path in once] == before


def test_debris_of_an_interrupted_run_is_replaced(store: Store, tmp_path: Path) -> None:
    make(TREE, tmp_path / "tree")
    expected = make_fixed_output_path(
        "tree", ContentAddress(IngestionMethod.RECURSIVE, hash_nar(tmp_path / "tree").hash)
    )
    make({b"half": {b"written": File(b"x")}}, store.real_path(expected))
    store.real_path(expected).chmod(0o555)
    make(File(b"torn"), store.real_path(compute_text_path("a", "whole")))
    assert store.add_path(tmp_path / "tree", "tree") == expected
    assert look(store.real_path(expected)) == TREE
    assert store.real_path(store.add_text("a", "whole")).read_text() == "whole"


def test_nothing_but_store_paths_is_left_behind(store: Store, tmp_path: Path) -> None:
    make(TREE, tmp_path / "tree")
    added = {store.add_text("a", "a").base_name, store.add_path(tmp_path / "tree", "tree").base_name}
    assert entries(store) == added


def test_what_cannot_be_added(store: Store, tmp_path: Path) -> None:
    with pytest.raises(PathNotValidError, match="cannot refer to it"):
        store.add_text("a", "a", [compute_text_path("never", "added")])
    with pytest.raises(InvalidStorePathError, match="illegal character"):
        store.add_text("a b", "a")
    with pytest.raises(StoreError, match="No such file"):
        store.add_path(tmp_path / "missing", "x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="unsupported type"):
        store.add_path(tmp_path / "pipe", "x")
    with pytest.raises(StoreError, match="Is a directory"):
        store.add_path(tmp_path, "x", method=IngestionMethod.FLAT)
    assert store.database.all_valid() == set()
    assert entries(store) == set()


class TestBatches:
    def test_others_see_what_was_added_when_it_is_over(self, store: Store) -> None:
        with Store.open(store.layout.root, read_only=True) as other:
            with store.batch():
                path = store.add_text("a", "a")
                assert store.is_valid(path)
                assert store.path_info(path).nar_size == 112 + 8
                assert not other.is_valid(path)
            assert other.is_valid(path)

    def test_what_was_added_before_an_error_stays(self, store: Store) -> None:
        with pytest.raises(RuntimeError), store.batch():
            path = store.add_text("a", "a")
            raise RuntimeError
        assert store.database.is_valid(path)

    def test_one_inside_another_ends_with_that(self, store: Store) -> None:
        with store.batch():
            with store.batch():
                path = store.add_text("a", "a")
            assert not store.database.is_valid(path)
        assert store.database.is_valid(path)

    def test_more_than_a_process_may_have_open_files(self, store: Store) -> None:
        with store.batch():
            paths = [store.add_text(f"t{number}", str(number)) for number in range(1500)]
        assert store.database.all_valid() == set(paths)
        assert entries(store) == {path.base_name for path in paths}


class TestDerivations:
    def test_round_trip(self, store: Store) -> None:
        source = store.add_text("source", "x")
        derivation = store.modulo.fill_output_paths(
            Derivation("d", {"out": Output(), "dev": Output()}, "x", "x", input_sources=frozenset({source}))
        )
        path = store.add_derivation(derivation)
        assert store.read_derivation(path) == derivation
        assert store.path_info(path).references == {source}
        assert store.database.derivation_outputs(path) == {
            name: derivation.output_path(name) for name in ("out", "dev")
        }
        assert store.database.valid_derivers(derivation.output_path("dev")) == {path}

    def test_a_wrong_output_path(self, store: Store) -> None:
        derivation = store.modulo.fill_output_paths(Derivation("d", {"out": Output()}, "x", "x"))
        wrong = records.replace(derivation, outputs={"out": Output(compute_text_path("d", "d"))})
        with pytest.raises(InvalidDerivationError, match="incorrect output"):
            store.add_derivation(wrong)

    def test_a_missing_input(self, store: Store) -> None:
        missing = frozenset({compute_text_path("never", "added")})
        derivation = store.modulo.fill_output_paths(Derivation("d", {"out": Output()}, "x", "x", input_sources=missing))
        with pytest.raises(PathNotValidError):
            store.add_derivation(derivation)

    def test_reading_what_is_none(self, store: Store) -> None:
        with pytest.raises(PathNotValidError):
            store.read_derivation(StorePath("0" * 32, "x.drv"))
        with pytest.raises(InvalidDerivationError, match="not a valid derivation path"):
            store.read_derivation(store.add_text("text", ""))
        with pytest.raises(InvalidDerivationError, match="malformed"), store.batch():
            store.add_text("fake.drv", "no derivation")


class TestArchives:
    def info(self, content: bytes) -> PathInfo:
        archive = file_nar(content)
        path = compute_text_path("imported", content)
        return PathInfo(path, hash_bytes(HashAlgorithm.SHA256, archive), len(archive), signatures=("key:sig",))

    def test_adding_one(self, store: Store) -> None:
        info = self.info(b"content")
        store.add_nar(info, io.BytesIO(file_nar(b"content")).read)
        assert store.real_path(info.path).read_bytes() == b"content"
        found = store.path_info(info.path)
        assert found == replace(info, registration_time=found.registration_time)

    @pytest.mark.parametrize("archive", [file_nar(b"other"), file_nar(b"content", executable=True)])
    def test_one_with_another_hash(self, store: Store, archive: bytes) -> None:
        with pytest.raises(StoreError, match="hash mismatch"):
            store.add_nar(self.info(b"content"), io.BytesIO(archive).read)
        assert entries(store) == set()

    def test_one_that_is_cut_off(self, store: Store) -> None:
        with pytest.raises(InvalidNarError):
            store.add_nar(self.info(b"content"), io.BytesIO(file_nar(b"content")[:-9]).read)
        assert entries(store) == set()

    def test_one_that_refers_to_what_is_not_there(self, store: Store) -> None:
        info = replace(self.info(b"content"), references=frozenset({compute_text_path("never", "added")}))
        with pytest.raises(PathNotValidError):
            store.add_nar(info, io.BytesIO(file_nar(b"content")).read)
        assert entries(store) == set()
        assert not store.is_valid(info.path)


class TestRoots:
    def test_a_link_below_gcroots(self, store: Store) -> None:
        path = store.add_text("a", "a")
        link = store.layout.roots_directory / "mine/root"
        store.add_root(link, path)
        assert str(link.readlink()) == str(path)

    def test_a_link_anywhere(self, store: Store, tmp_path: Path) -> None:
        first, second = store.add_text("a", "a"), store.add_text("b", "b")
        for path in (first, second):
            store.add_root(tmp_path / "result", path)
            assert str((tmp_path / "result").readlink()) == str(path)
        (registered,) = store.layout.automatic_roots_directory.iterdir()
        assert registered.readlink() == tmp_path / "result"

    def test_a_file_in_the_way_is_left_alone(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "result").write_text("precious")
        with pytest.raises(StoreError, match="in the way"):
            store.add_root(tmp_path / "result", store.add_text("a", "a"))
        assert (tmp_path / "result").read_text() == "precious"

    def test_a_path_that_is_not_valid(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(PathNotValidError):
            store.add_root(tmp_path / "result", compute_text_path("never", "added"))


class TestOpening:
    def test_reading_needs_a_store(self, root: Path) -> None:
        with pytest.raises(StoreUnavailableError, match="no store to read"):
            Store.open(root, read_only=True)
        assert list(root.iterdir()) == []

    def test_reading_writes_nothing(self, store: Store) -> None:
        path = store.add_text("a", "a")
        with Store.open(store.layout.root, read_only=True) as reader:
            assert reader.path_info(path).path == path
            for attempt in (
                lambda: reader.add_text("b", "b"),
                lambda: reader.add_temporary_roots([path]),
                lambda: reader.lock([path]),
            ):
                with pytest.raises(StoreUnavailableError, match="reading only"):
                    attempt()

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ("9", StoreUnavailableError),
            ("11", StoreUnavailableError),
            ("ten", CorruptStoreError),
            ("", CorruptStoreError),
        ],
    )
    def test_another_schema_version(self, root: Path, content: str, error: type[StoreError]) -> None:
        Store.open(root).close()
        (root / "nix/var/nix/db/schema").write_text(content)
        for read_only in (True, False):
            with pytest.raises(error):
                Store.open(root, read_only=read_only)

    def test_a_database_that_is_none(self, root: Path) -> None:
        Store.open(root).close()
        database = root / "nix/var/nix/db/db.sqlite"
        for leftover in database.parent.glob("db.sqlite-*"):
            leftover.unlink()
        database.write_bytes(b"this is not a database" * 300)
        with pytest.raises(CorruptStoreError):
            Store.open(root)

    def test_a_database_that_is_gone(self, root: Path) -> None:
        Store.open(root).close()
        for file in (root / "nix/var/nix/db").glob("db.sqlite*"):
            file.unlink()
        with pytest.raises(StoreError):
            Store.open(root)

    def test_a_store_directory_that_is_a_link(self, root: Path, tmp_path: Path) -> None:
        (root / "nix").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (root / "nix/store").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StoreUnavailableError, match="symbolic link"):
            Store.open(root)
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_a_file_where_the_store_should_be(self, root: Path) -> None:
        (root / "nix").write_text("")
        with pytest.raises(StoreUnavailableError):
            Store.open(root)

    def test_everybody_may_read_it(self, root: Path) -> None:
        with umask(0o077), Store.open(root) as store:
            store.add_text("x", "x")
        for path in root.rglob("*"):
            mode = path.lstat().st_mode
            private = path.name in ("big-lock", "reserved", "gc.lock") or path.parent.name == "temproots"
            wanted = 0 if private else 0o555 if stat.S_ISDIR(mode) else 0o444
            assert mode & wanted == wanted, path

    def test_the_layout_is_that_of_nix(self, store: Store) -> None:
        state = store.layout.state_directory
        assert (state / "db/schema").read_text() == "10"
        assert (state / "db/big-lock").exists()
        assert str((state / "gcroots/profiles").readlink()) == "/nix/var/nix/profiles"
        for directory in ("gcroots/auto", "gcroots/per-user", "profiles/per-user", "temproots"):
            assert (state / directory).is_dir()
        with sqlite3.connect(state / "db/db.sqlite") as connection:
            assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        connection.close()


def _add_many(root: Path, number: int) -> None:
    with Store.open(root) as store, store.batch():
        order = list(range(60))
        if number % 2:
            order.reverse()
        for item in order:
            path = store.add_text(f"shared-{item}", "x" * item)
            store.add_text(f"own-{number}-{item}", str(path), [path])


def test_several_processes_at_once(root: Path) -> None:
    """All make the store, and add the same texts in opposite orders, as two that could block each other would."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_many, args=(root, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
    assert [process.exitcode for process in processes] == [0] * 4
    with Store.open(root) as store:
        assert len(store.database.all_valid()) == 60 + 4 * 60
        assert entries(store) == {path.base_name for path in store.database.all_valid()}


def test_a_damaged_entry_of_the_database(store: Store) -> None:
    path = store.add_text("a", "a")
    with sqlite3.connect(store.layout.database) as connection:
        connection.execute("update ValidPaths set hash = 'nonsense'")
    connection.close()
    with pytest.raises(CorruptStoreError, match="is damaged"):
        store.path_info(path)


def test_a_database_that_lost_its_content(store: Store) -> None:
    path = store.add_text("a", "a")
    store.close()
    store.layout.database.write_bytes(b"")
    with (
        pytest.raises(CorruptStoreError, match="is damaged: no such table") as caught,
        Store.open(store.layout.root) as opened,
    ):
        opened.path_info(path)
    assert caught.value.hint is not None


def test_a_path_that_was_never_valid(store: Store) -> None:
    with pytest.raises(PathNotValidError, match="is not valid"):
        store.path_info(compute_text_path("never", "added"))
