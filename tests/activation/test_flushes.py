"""What is on disk when, as far as POSIX promises it: a file after its own fsync, its name after that of its directory.

The system calls of whole scenarios are followed. Three moments count: the first change of the machine, before which the
journal and the unit that recovers at boot are on disk; the rename that commits, before which everything is; and the
first thing that is cleaned up, before which the rename is.
"""

from __future__ import annotations

import contextlib
import functools
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from system_manager.activation.state import DIRECTORY, JOURNAL_FILE, STATE_FILE, UNDO_DIRECTORY
from system_manager.host import files, renaming
from tests.activation.scenario import Run, Scenario, all_scenarios
from tests.conftest import unavailable

# Some of them: a scenario more or less does not change which.
CHOSEN = [scenario for scenario in all_scenarios() if zlib.crc32(scenario.name.encode()) % 8 == 0]
_RENAMES = ("rename", "rename_new", "replace")
_ENTRIES = ("link", "mkdir", "rename", "replace", "rmdir", "symlink", "unlink", "remove")
# What a power cut may take: locks, and the names that undo a change, which change together with the file's own.
_MAY_BE_LOST = ("/run/", "/etc/.pwd.lock", f"{UNDO_DIRECTORY}/", f"{DIRECTORY}/history.jsonl")
_BOOT_UNIT = "/etc/systemd/system/system-manager-recover.service"
_WANTED = "/etc/systemd/system/sysinit.target.wants/system-manager-recover.service"


class Disk:
    """What is not on disk yet: contents of files, and entries by directory. Paths are logical."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.contents: set[str] = set()
        self.flushed_sizes: dict[str, int] = {}
        self.entries: dict[str, set[str]] = {}
        self.wrong: list[str] = []
        self.committed = False

    def pending(self) -> set[str]:
        """Everything that a power cut might take."""
        found = self.contents.union(*self.entries.values())
        return {path for path in found if not path.startswith(_MAY_BE_LOST)}

    def judge(self, name: str, path: str) -> list[str]:
        """What is wrong with making this change now."""
        if path == STATE_FILE:
            return [f"committed, and {lost} may be lost" for lost in sorted(self.pending())]
        if path.startswith((UNDO_DIRECTORY, JOURNAL_FILE)):
            too_early = self.committed and name in ("unlink", "rmdir") and STATE_FILE in self.pending()
            return [f"{path} is cleaned up, and the commit may be lost"] if too_early else []
        if path.startswith((DIRECTORY, "/run/", "/etc/systemd/system")) or _WANTED.startswith(path):
            return []
        if not (self._root / JOURNAL_FILE[1:]).exists():
            return [f"{name} {path} without a journal"]
        lost = self.pending() & {JOURNAL_FILE, _BOOT_UNIT, _WANTED}
        return [f"{name} {path}, and {each} may be lost" for each in sorted(lost)]

    def apply(self, name: str, path: str, action: Callable[[], None]) -> None:
        """Make a change; one that fails was none."""
        wrong = self.judge(name, path)
        action()
        self.wrong += wrong
        if name == "rmdir":
            self.entries.pop(path, None)  # what was in it went with it
        if path == STATE_FILE:
            self.committed = True

    def changed(self, path: str) -> None:
        """An entry is new, another one, or gone."""
        self.entries.setdefault(path.rpartition("/")[0], set()).add(path)

    def moved(self, old: str, new: str) -> None:
        """Whatever is not on disk yet, of a file or in a directory, is not under the new name either."""

        def now(path: str) -> str:
            return new + path.removeprefix(old) if f"{path}/".startswith(f"{old}/") else path

        self.contents = set(map(now, self.contents))
        self.flushed_sizes = {now(path): size for path, size in self.flushed_sizes.items()}
        self.entries = {now(path): set(map(now, inside)) for path, inside in self.entries.items()}
        for path in (old, new):
            self.changed(path)

    def exchanged(self, one: str, two: str) -> None:
        """Two things have each other's names."""
        self.contents = {{one: two, two: one}.get(path, path) for path in self.contents}
        for path in (one, two):
            self.changed(path)

    def flushed(self, path: str) -> None:
        """A file, or the entries of a directory."""
        self.contents.discard(path)
        self.entries.pop(path, None)

    def logical(self, path: Any, descriptor: int | None = None) -> str | None:
        """None outside the machine."""
        text = os.fsdecode(path)
        if descriptor is not None:
            text = f"{name_of(descriptor)}/{text}"
        return text.removeprefix(str(self._root)) if text.startswith(f"{self._root}/") else None


def name_of(descriptor: int) -> str:
    """The path under which an open file is known."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


@contextlib.contextmanager
def followed(disk: Disk) -> Iterator[None]:
    """Follow every system call that changes the file system."""
    originals = {name: getattr(os, name) for name in (*_ENTRIES, "open", "fsync")}
    originals |= {"rename_new": renaming.rename_new, "exchange": renaming.exchange}
    sync_file_system = files._sync_file_system

    def opened(path: Any, flags: int, *rest: Any, **keywords: Any) -> int:
        logical = disk.logical(path)
        is_new = bool(flags & os.O_CREAT) and not os.path.lexists(path)
        wrong = disk.judge("make", logical) if logical is not None and is_new else []
        descriptor: int = originals["open"](path, flags, *rest, **keywords)
        if logical is not None and flags & (os.O_WRONLY | os.O_RDWR):
            disk.wrong += wrong
            if logical not in disk.contents:
                disk.flushed_sizes[logical] = os.fstat(descriptor).st_size
            disk.contents.add(logical)
            if is_new:
                disk.changed(logical)
        return descriptor

    def fsync(descriptor: int) -> None:
        originals["fsync"](descriptor)
        logical = disk.logical(name_of(descriptor))
        if logical is not None:
            disk.flushed(logical)

    def everything(descriptor: int) -> None:
        sync_file_system(descriptor)
        disk.contents.clear()
        disk.entries.clear()

    def entry(name: str) -> Callable[..., None]:
        def call(*arguments: Any, dir_fd: int | None = None, **keywords: Any) -> None:
            # The new name comes last: symlink(text, path), link(old, new).
            count = 2 if name in ("link", "symlink", *_RENAMES) else 1
            path = disk.logical(arguments[count - 1], dir_fd)
            extra = {} if dir_fd is None else {"dir_fd": dir_fd}
            action = functools.partial(originals[name], *arguments, **extra, **keywords)
            if path is None:
                action()
            else:
                disk.apply(name, path, action)
            old = disk.logical(arguments[0]) if name in _RENAMES else None
            if old is not None and path is not None:
                disk.moved(old, path)
            elif path is not None:
                disk.changed(path)
                if name in ("unlink", "remove"):
                    disk.contents.discard(path)

        return call

    def exchange(one: str, two: str) -> bool:
        first, second = disk.logical(one), disk.logical(two)
        assert first is not None
        assert second is not None
        disk.wrong += disk.judge("exchange", second)
        done: bool = originals["exchange"](one, two)
        if done:
            disk.exchanged(first, second)
        return done

    with pytest.MonkeyPatch.context() as patch:
        for name in _ENTRIES:
            patch.setattr(os, name, entry(name))
        patch.setattr(renaming, "rename_new", entry("rename_new"))
        patch.setattr(renaming, "exchange", exchange)
        patch.setattr(os, "open", opened)
        patch.setattr(os, "fsync", fsync)
        patch.setattr(files, "_sync_file_system", everything)
        yield


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda scenario: scenario.name)
def test_what_is_on_disk(scenario: Scenario, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    going = Run(scenario, tmp_path)
    for step in going.steps:
        disk = Disk(tmp_path)
        if step["do"] in {"activate", "deactivate", "rollback", "test"}:
            with followed(disk):
                result = going.do(step)
            assert result is not None
            assert disk.wrong == []
            assert disk.committed == (result.result["outcome"] in {"changed", "recorded"})
        else:
            going.do(step)
