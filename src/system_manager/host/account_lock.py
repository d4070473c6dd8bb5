"""The lock of the account databases, as lckpwdf(3) takes it: whoever holds it may write them.

shadow-utils, systemd-sysusers and PAM take the same one, so nobody's account is lost between reading and writing.
Programs that go without it leave a file with their number beside the database, as shadow-utils does, too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator

from system_manager.base.errors import SystemManagerError
from system_manager.host.root import Root

LOCK_FILE = "/etc/.pwd.lock"
_PATIENCE_SECONDS = 15.0  # as the C library
_PAUSE_SECONDS = 0.2


# By the programs of shadow-utils: vipw(8) for as long as its editor is open.
_LOCKS_OF_DATABASES = tuple(
    f"/etc/{name}.lock" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
)


@contextlib.contextmanager
def locked_accounts(root: Root, *, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock; raise :class:`SystemManagerError` when somebody else does for longer than ``patience`` seconds."""
    path = root.real(LOCK_FILE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _wait(root, lambda: _try(descriptor, fcntl.LOCK_EX), patience)
        yield
    finally:
        os.close(descriptor)


def wait_for_accounts(root: Root, *, patience: float = _PATIENCE_SECONDS) -> None:
    """As :func:`locked_accounts`, but let go at once, and leave no trace: to find out before anything is changed."""
    try:
        descriptor = os.open(root.real(LOCK_FILE), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        _wait(root, lambda: True, patience)
        return
    try:
        _wait(root, lambda: _try(descriptor, fcntl.LOCK_SH), patience)
    finally:
        os.close(descriptor)


def _wait(root: Root, attempt: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while (holder := _holder(root, attempt)) is not None:
        if time.monotonic() >= deadline:
            raise SystemManagerError(
                "another program is changing accounts",
                where=holder,
                hint="wait until it has finished (vipw, useradd, passwd, a package's installation), then try again",
            )
        time.sleep(_PAUSE_SECONDS)


def _holder(root: Root, attempt: Callable[[], bool]) -> str | None:
    """The file by which somebody keeps us out."""
    if not attempt():
        return LOCK_FILE
    for path in _LOCKS_OF_DATABASES:
        if (process := _process_in(root.real(path))) is not None and _is_alive(process):
            return f"{path}, of process {process}"
    return None


def _process_in(path: str) -> int | None:
    try:
        with open(path, "rb") as file:
            text = file.read(32).rstrip(b"\0\n")
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return process not in {0, os.getpid()}


def _try(descriptor: int, operation: int) -> bool:
    try:
        # A record lock, as lckpwdf(3) takes: flock(2) would not exclude it.
        fcntl.lockf(descriptor, operation | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
