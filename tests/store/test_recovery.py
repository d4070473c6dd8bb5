"""A power cut: what was registered and did not reach the disk is forgotten when the store is opened again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from system_manager.store.paths import StorePath
from system_manager.store.recovery import FlushRecord, forget_damaged, forget_missing, register_again
from system_manager.store.store import Store
from system_manager.store.verification import verify

ANOTHER_BOOT = "00000000-0000-0000-0000-000000000000"


def restart(store: Store, *, flushed: int) -> None:
    """Make it look as if the last flush was at that time and the machine has been started anew since."""
    FlushRecord(ANOTHER_BOOT, flushed).write(store.layout)
    store.close()


def register_at(store: Store, path: StorePath, seconds: int) -> None:
    with sqlite3.connect(store.layout.database) as connection:
        connection.execute("update ValidPaths set registrationTime = ? where path = ?", (seconds, str(path)))
    connection.close()


def tear(store: Store, path: StorePath) -> None:
    """As a file system leaves a file whose content was never written."""
    store.real_path(path).chmod(0o644)
    store.real_path(path).write_bytes(b"")
    store.real_path(path).chmod(0o444)


def test_what_is_damaged_is_forgotten_with_all_that_refers_to_it(root: Path) -> None:
    store = Store.open(root)
    torn = store.add_text("torn", "content")
    user = store.add_text("user", str(torn), [torn])
    gone, whole = store.add_text("gone", "content"), store.add_text("whole", "content")
    tear(store, torn)
    store.real_path(gone).unlink()
    restart(store, flushed=0)
    with Store.open(root) as again:
        assert again.database.all_valid() == {whole}
        assert again.add_text("torn", "content") == torn
        assert again.add_text("user", str(torn), [torn]) == user
        assert again.real_path(torn).read_text() == "content"
        assert list(verify(again, check_contents=True)) == []


def test_what_somebody_removed_is_forgotten_with_all_that_refers_to_it(root: Path) -> None:
    with Store.open(root) as store:
        gone = store.add_text("gone", "content")
        user = store.add_text("user", str(gone), [gone])
        link, whole = store.add_text("link", "content"), store.add_text("whole", "content")
        for path in (gone, link):
            store.real_path(path).unlink()
        store.real_path(link).symlink_to("/nonexistent")  # damaged, but there
        assert forget_missing(store.layout, store.database).keys() == {gone, user}
        assert forget_missing(store.layout, store.database) == {}
        assert store.database.all_valid() == {link, whole}
    with Store.open(root) as again:
        assert [again.add_text("gone", "content"), again.add_text("user", str(gone), [gone])] == [gone, user]
        assert again.real_path(gone).read_text() == "content"


def test_what_referred_to_something_lost_is_valid_again_when_that_is(root: Path) -> None:
    store = Store.open(root)
    torn = store.add_text("torn", "content")
    user = store.add_text("user", str(torn), [torn])
    users_user, bent = store.add_text("next", str(user), [user]), store.add_text("bent", str(torn), [torn])
    unread = store.add_text("unread", "content")
    for path in (torn, bent, unread):
        tear(store, path)
    before = {path: store.path_info(path) for path in (user, users_user)}
    forgotten = forget_damaged(store.layout, store.database, [torn, user])
    assert forgotten.keys() == {torn, user, users_user, bent}
    store.close()
    with Store.open(root) as again:
        register_again(again.layout, again.database, forgotten)
        assert again.database.all_valid() == {unread}
        again.add_text("torn", "content")
        register_again(again.layout, again.database, forgotten)
        assert again.database.all_valid() == {torn, user, users_user, unread}
        assert {path: again.path_info(path) for path in before} == before


def test_what_was_flushed_is_not_read_again(root: Path) -> None:
    store = Store.open(root)
    old, new = store.add_text("old", "content"), store.add_text("new", "content")
    register_at(store, old, 999)
    register_at(store, new, 1000)
    for path in (old, new):
        tear(store, path)
    restart(store, flushed=1000)
    with Store.open(root) as again:
        assert again.database.all_valid() == {old}


def test_nothing_is_read_again_while_the_machine_runs(root: Path) -> None:
    with Store.open(root) as store:
        path = store.add_text("x", "content")
        tear(store, path)
    with Store.open(root) as store:
        assert store.is_valid(path)


def test_a_flush_is_recorded(root: Path) -> None:
    with Store.open(root) as store:
        before = FlushRecord.now()
        FlushRecord(before.boot, 0).write(store.layout)
        store.add_root(store.layout.roots_directory / "root", store.add_text("x", "content"))
        found = FlushRecord.read(store.layout)
        assert found is not None
        assert found.boot == before.boot
        assert found.seconds >= before.seconds


@pytest.mark.parametrize("content", ["", "nonsense", "a b c", "boot notanumber", "\xff"])
def test_a_record_that_cannot_be_read_is_made_anew(root: Path, content: str) -> None:
    with Store.open(root) as store:
        path = store.add_text("x", "content")
        file = store.layout.database_directory / "system-manager-flushed"
        file.write_bytes(content.encode("latin-1"))
    with Store.open(root) as store:
        assert store.is_valid(path)
        assert FlushRecord.read(store.layout) is not None
