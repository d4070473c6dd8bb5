"""Advisory locks on files, as context managers.

The lock is ``flock``: it belongs to the open file, so the kernel lets go of it however the process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

from system_manager.base.errors import SystemManagerError
from system_manager.base.files import AnyPath
from system_manager.base.type_hints import Callable, Iterator

_PAUSE_SECONDS = 0.2


class LockHeldError(SystemManagerError):
    """Somebody else has the lock."""


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
    return text or "another process"


def holder_of(path: AnyPath) -> str | None:
    """Who holds a lock now, e.g. "switch (process 12)"; None when nobody does, or the system does not tell.

    Looked up, not tried: to take the lock for a moment would turn away whoever comes in that moment. Who may not read
    the file is told "another process".
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
            # Without a name in it, the locked file is one of that number on another file system.
            return file.read().strip() or None
    except PermissionError:
        return "another process"
    except (OSError, IndexError):
        return None


def _open(path: AnyPath) -> int:
    """The lock's file, made with its directory where it is missing. Raises OSError."""
    # flock(2) asks for no right to write: whoever may open the file may keep everybody else waiting for ever.
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        descriptor = os.open(path, flags, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:  # as earlier versions made it
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: AnyPath, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def exclusive_lock(
    path: AnyPath,
    *,
    purpose: str,
    patience: float = 0.0,
    waiting_for: Callable[[str], None] = lambda _holder: None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold ``path`` locked; the file names the holder while it is held. The holder may remove it.

    :param purpose: what the holder is doing, for whoever finds the lock taken, e.g. "switch".
    :param patience: seconds to wait for whoever holds it before :class:`LockHeldError` is raised.
    :param waiting_for: is told once for whom, as :func:`holder_of` says it, if it has to be waited.
    :param checkpoint: called again and again meanwhile; what it raises ends the wait.
    """
    descriptor = _open(path)
    try:
        end = time.monotonic() + patience
        told = False
        # Tried again and again rather than waited for in the kernel, where no signal would end it.
        while not (taken := _try(descriptor)) or not _is_at(path, descriptor):
            if taken:  # a file that was removed while it was waited for: whoever comes locks a new one
                descriptor, removed = _open(path), descriptor
                os.close(removed)
                continue
            if time.monotonic() >= end:
                raise LockHeldError(
                    f"{_holder(descriptor)} is already changing this machine",
                    where=os.fspath(path),
                    hint="wait until it has finished, then try again",
                )
            if not told:
                waiting_for(_holder(descriptor))
                told = True
            checkpoint()
            time.sleep(_PAUSE_SECONDS)
        # A courtesy to whoever finds the lock taken; a full disk is no reason to do without the lock.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{purpose} (process {os.getpid()})\n".encode(), 0)
        try:
            yield
        finally:
            # Emptied rather than removed, so that whoever waits for it need not open another one.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
