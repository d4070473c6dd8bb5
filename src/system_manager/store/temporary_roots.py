"""Paths that a running process needs: the garbage collector, ours or Nix's, leaves them alone.

Each process has a file in ``temproots`` that it keeps locked, with the paths in it, each ended by a zero byte.
A file that can be locked belongs to nobody any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path

from system_manager.base.type_hints import Iterable, Iterator
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.layout import StoreLayout
from system_manager.store.paths import StorePath


class TemporaryRoots:
    """This process's temporary roots in one store."""

    def __init__(self, layout: StoreLayout) -> None:
        self._layout = layout
        self._known: set[StorePath] = set()
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._file: Path | None = None
        self._collector: int | None = None  # kept open, because roots are added one by one

    def add(self, paths: Iterable[StorePath]) -> None:
        """Protect the paths until :meth:`close`, whether they exist yet or not.

        Waits while a collector is at work, because that one has read its roots already.
        """
        with self._lock:
            new = [path for path in paths if path not in self._known]
            if not new:
                return
            if self._descriptor is None or self._collector is None:
                self._collector = _open_collector_lock(self._layout)
                self._descriptor, self._file = _create_file(self._layout.temporary_roots_directory)
            fcntl.flock(self._collector, fcntl.LOCK_SH)
            try:
                os.write(self._descriptor, b"".join(str(path).encode() + b"\0" for path in new))
            finally:
                fcntl.flock(self._collector, fcntl.LOCK_UN)
            self._known.update(new)

    def close(self) -> None:
        """Give up the protection."""
        with self._lock:
            if self._descriptor is not None and self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.unlink()
                os.close(self._descriptor)
            if self._collector is not None:
                os.close(self._collector)
            self._descriptor = self._file = self._collector = None
            self._known.clear()


@contextlib.contextmanager
def collector_lock(layout: StoreLayout, *, exclusive: bool) -> Iterator[None]:
    """Hold the lock that keeps collectors (exclusive) and those who add roots (shared) apart."""
    descriptor = _open_collector_lock(layout)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _open_collector_lock(layout: StoreLayout) -> int:
    return os.open(layout.collector_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def read_temporary_roots(layout: StoreLayout) -> set[StorePath]:
    """The temporary roots of all running processes; files that nobody holds any more are removed."""
    roots: set[StorePath] = set()
    for file in sorted(layout.temporary_roots_directory.iterdir()):
        if file.name.startswith("."):
            continue
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        with os.fdopen(descriptor, "r+b", buffering=0) as opened:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                roots.update(_parse(opened.read()))
            else:
                file.unlink(missing_ok=True)
                opened.write(b"d")  # tells a process that was about to lock it that the file is gone
    return roots


def _parse(content: bytes) -> Iterator[StorePath]:
    for text in content.split(b"\0")[:-1]:  # what follows the last zero byte is not whole yet
        with contextlib.suppress(InvalidStorePathError):
            yield StorePath.parse(text.decode(errors="replace"))


def _create_file(directory: Path) -> tuple[int, Path]:
    while True:
        # Nix takes the number at the start for the process; the rest lets one process have several stores open.
        file = directory / f"{os.getpid()}-{os.urandom(4).hex()}"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_size == 0:
            return descriptor, file
        os.close(descriptor)  # a collector found the file before it was locked, and removed it
