"""Why root could not change an entry, where the number of the error does not tell."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from system_manager.activation.mounts import mount_points
from system_manager.base.errors import SystemManagerError

# ioctl_iflags(2)
_GET_FLAGS = 0x80086601
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20
_UNCLEAR = frozenset({errno.EPERM, errno.EXDEV, errno.EBUSY, errno.ETXTBSY})


def find_obstacle(error: OSError) -> SystemManagerError | None:
    """The error for people, when one of the entries that it names is one that cannot be changed."""
    if error.errno not in _UNCLEAR:
        return None
    for name in (error.filename, error.filename2):
        if not isinstance(name, str | bytes):
            continue
        path = os.path.abspath(os.fsdecode(name))
        for entry in (path, os.path.dirname(path)):
            if (flag := find_flag(entry)) is not None:
                return SystemManagerError(
                    f"{entry} is {flag}", hint=f"'lsattr -d {entry}' shows it; chattr(1) takes that away"
                )
        if path in mount_points():
            return SystemManagerError(
                f"something is mounted over {path}, so that it cannot be replaced",
                hint="unmount it, or take it out of the configuration",
            )
    return None


def find_flag(path: str) -> str | None:
    """What a file or directory is besides its mode, see chattr(1), as far as it keeps everybody from changing it."""
    with contextlib.suppress(OSError):
        mode = os.lstat(path).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return None
        flags = _flags(path)
        return "immutable" if flags & _IMMUTABLE else "append-only" if flags & _APPEND_ONLY else None
    return None


def _flags(path: str) -> int:
    import array
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        answer = array.array("l", [0])
        fcntl.ioctl(descriptor, _GET_FLAGS, answer)
        return answer[0] & 0xFFFFFFFF
    finally:
        os.close(descriptor)
