"""Locks on files, and those who wait for them."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from system_manager.base.locks import LockHeldError, exclusive_lock, holder_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run/lock"


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_nobody_else_can_open_it_and_keep_it(path: Path, before: int | None) -> None:
    if before is not None:
        path.parent.mkdir()
        path.touch()
        path.chmod(before)
    with exclusive_lock(path, purpose="switch"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_waits_for_a_file_that_is_removed_holds_the_new_one(path: Path) -> None:
    waiting, taken, done = threading.Event(), threading.Event(), threading.Event()

    def wait() -> None:
        with exclusive_lock(path, purpose="second", patience=60, waiting_for=lambda _holder: waiting.set()):
            taken.set()
            done.wait(60)

    second = threading.Thread(target=wait)
    with exclusive_lock(path, purpose="first"):
        second.start()
        assert waiting.wait(60)
        path.unlink()
        path.parent.rmdir()
    assert taken.wait(60)
    try:
        with pytest.raises(LockHeldError, match="second"), exclusive_lock(path, purpose="third"):
            pass
    finally:
        done.set()
        second.join()


def test_its_holder(path: Path) -> None:
    assert holder_of(path) is None
    with exclusive_lock(path, purpose="switch"):
        assert str(holder_of(path)).startswith("switch (process ")
        # A file of the same number on another file system is locked, and this one is nobody's.
        path.write_text("")
        assert holder_of(path) is None
    assert holder_of(path) is None
