"""Advisory locks on files, as context managers.

The lock is ``flock``: it belongs to the open file, so the kernel lets go of it however the process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import AnyPath
from system_manager.base.type_hints import Iterator


class LockHeldError(SystemManagerError):
    """Somebody else has the lock."""


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
    return text or "another process"


def holder_of(path: AnyPath) -> str | None:
    """Who holds a lock now, e.g. "switch (process 12)"; None when nobody does, or the system does not tell.

    Looked up, not tried: to take the lock for a moment would turn away whoever comes in that moment.
    """
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as locks:
            taken = any(
                line.split()[1] == "FLOCK" and line.split()[5].rpartition(":")[2] == str(inode)
                for line in locks
                if "->" not in line  # somebody who waits
            )
        if not taken:
            return None
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip() or "another process"
    except (OSError, IndexError):
        return None


@contextlib.contextmanager
def exclusive_lock(path: AnyPath, *, purpose: str, wait: bool = False) -> Iterator[None]:
    """Hold ``path`` locked; the file names the holder while it is held.

    :param purpose: what the holder is doing, for whoever finds the lock taken, e.g. "switch".
    :param wait: wait for the lock instead of raising :class:`LockHeldError`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise LockHeldError(
                f"{_holder(descriptor)} is already changing this machine",
                where=os.fspath(path),
                hint="wait until it has finished, then try again",
            ) from None
        # A courtesy to whoever finds the lock taken; a full disk is no reason to do without the lock.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{purpose} (process {os.getpid()})\n".encode(), 0)
        yield
        # Emptied, not removed: removing it would let a third process lock a new file of the same name
        # while a second one still waits for this one.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
