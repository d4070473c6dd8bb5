"""The lock of the account databases, as lckpwdf(3) takes it: whoever holds it may write them.

shadow-utils, systemd-sysusers and PAM take the same one, so nobody's account is lost between reading and writing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from system_manager.base.errors import SystemManagerError
from system_manager.host.root import Root

LOCK_FILE = "/etc/.pwd.lock"
_PATIENCE_SECONDS = 15.0  # as the C library
_PAUSE_SECONDS = 0.2


@contextlib.contextmanager
def locked_accounts(root: Root, *, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock; raise :class:`SystemManagerError` when somebody else does for longer than ``patience`` seconds."""
    path = root.real(LOCK_FILE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try(descriptor):
            if time.monotonic() >= deadline:
                raise SystemManagerError(
                    "another program is changing accounts",
                    where=LOCK_FILE,
                    hint="wait until it has finished (useradd, passwd, a package's installation), then try again",
                )
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        # A record lock, as lckpwdf(3) takes: flock(2) would not exclude it.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
