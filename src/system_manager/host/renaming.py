"""Renames that replace nothing, or give back what they replaced: renameat2(2).

A look followed by a plain rename leaves a moment in which somebody else's file can come in between, and is lost.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Callable

_CURRENT_DIRECTORY = -100
_NO_REPLACE, _EXCHANGE = 1, 2
# The file system cannot do it, or the kernel, or a filter of system calls; otherwise a plain rename will say why not.
_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})


def rename_new(path: str, name: str) -> None:
    """Give what is at ``path`` a name that nothing has. Raises OSError, FileExistsError if something has it."""
    if not _renamed(path, name, _NO_REPLACE):
        if os.path.lexists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path, None, name)
        os.rename(path, name)


def exchange(one: str, two: str) -> bool:
    """Have two things change names in one step. False where the file system cannot. Raises OSError."""
    return _renamed(one, two, _EXCHANGE)


def _renamed(old: str, new: str, flags: int) -> bool:
    call, last_error = _function()
    if call is None:
        return False
    if call(_CURRENT_DIRECTORY, os.fsencode(old), _CURRENT_DIRECTORY, os.fsencode(new), flags) == 0:
        return True
    code = last_error()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), old, None, new)


@functools.cache
def _function() -> tuple[Callable[..., int] | None, Callable[[], int]]:
    """The C library's function, None where it has none, and what tells why it failed."""
    import ctypes

    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None), ctypes.get_errno
