"""Locks on store paths, shared with Nix: a file ``<path>.lock`` beside the path, locked with ``flock``.

Whoever has finished removes the file and writes a byte into it, so that those who waited for it see that they
hold the lock of a file that is gone, and try again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from system_manager.base.type_hints import Iterable


class PathLocks:
    """A set of locks that are released together."""

    def __init__(self) -> None:
        self._held: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._held)

    def acquire(self, paths: Iterable[Path], *, wait: bool) -> bool:
        """Lock all of the paths in addition to those already held; or, without ``wait``, none and return False.

        To wait while holding others is a deadlock in the making: release them first.
        """
        acquired: list[tuple[int, str]] = []
        try:
            # The same order everywhere, so that two processes cannot block each other.
            for lock in sorted(f"{path}.lock" for path in paths):
                descriptor = _lock_file(lock, wait=wait)
                if descriptor is None:
                    _release(acquired)
                    return False
                acquired.append((descriptor, lock))
        except BaseException:
            _release(acquired)
            raise
        self._held.extend(acquired)
        return True

    def take_over(self, other: PathLocks) -> None:
        """Hold what another set holds, which is empty then."""
        self._held.extend(other._held)
        other._held = []

    def release(self) -> None:
        """Let go of everything and remove the files."""
        held, self._held = self._held, []
        _release(held)


def _lock_file(lock: str, *, wait: bool) -> int | None:
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if os.fstat(descriptor).st_size == 0:
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder removed the file while we waited


def _release(held: list[tuple[int, str]]) -> None:
    for descriptor, lock in held:
        # The file is an aid only; on a full disk or a broken one the lock still goes with the descriptor.
        with contextlib.suppress(OSError):
            os.unlink(lock)  # noqa: PTH108 - a Path for each lock would cost more than the lock
            os.write(descriptor, b"d")
        os.close(descriptor)
