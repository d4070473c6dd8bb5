"""Making every single system call that changes something fail, or be the last one.

The functions of :mod:`os` that change the file system are replaced by ones that count, and so are the few functions
that call the C library for what :mod:`os` does not have. Nothing in the program knows of it, and
``test_fault_points.py`` compares what is counted with what Python says is done, so no place can be forgotten.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

from system_manager.host import files, renaming

_OF_OS = (
    "chmod", "chown", "fchmod", "fchown", "fsync", "ftruncate", "lchown", "link", "mkdir", "open", "pwrite",
    "remove", "rename", "replace", "rmdir", "setxattr", "symlink", "truncate", "unlink", "utime", "write",
)  # fmt: skip
_CHANGING = (
    *((os, name) for name in _OF_OS),
    (renaming, "rename_new"),
    (renaming, "exchange"),
    (files, "_sync_file_system"),
)
_NEEDS_SPACE = frozenset({"link", "mkdir", "open", "pwrite", "symlink", "write", "setxattr"})

KILLED = 77


def _changes(name: str, arguments: tuple[Any, ...]) -> bool:
    if name == "open":
        return bool(arguments[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return True


@contextlib.contextmanager
def intercepted(before: Callable[[int, str], None]) -> Iterator[Callable[[], int]]:
    """Call ``before(index, name)`` ahead of each changing call; yields a function that says how many there were."""
    count = 0
    originals = [(module, name, getattr(module, name)) for module, name in _CHANGING]

    def replacement(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal count
            if _changes(name, arguments):
                count += 1
                before(count - 1, name)
            return original(*arguments, **keywords)

        return call

    for module, name, original in originals:
        setattr(module, name, replacement(name, original))
    try:
        yield lambda: count
    finally:
        for module, name, original in originals:
            setattr(module, name, original)


def killed_at(index: int) -> Callable[[int, str], None]:
    """The process ends, as with SIGKILL, right before the call with this index."""

    def before(now: int, _name: str) -> None:
        if now == index:
            os._exit(KILLED)

    return before


def fails_once_at(index: int, code: int) -> Callable[[int, str], None]:
    """One call fails, the others work: a transient error."""

    def before(now: int, _name: str) -> None:
        if now == index:
            raise OSError(code, os.strerror(code))

    return before


def disk_is_full_from(index: int) -> Callable[[int, str], None]:
    """From this call on nothing that needs space works; removing and renaming does."""

    def before(now: int, name: str) -> None:
        if now >= index and name in _NEEDS_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return before


def read_only_from(index: int) -> Callable[[int, str], None]:
    """From this call on nothing can be changed any more."""

    def before(now: int, _name: str) -> None:
        if now >= index:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    return before


def told_to_stop_at(index: int) -> Callable[[int, str], None]:
    """SIGTERM arrives right before this call."""

    def before(now: int, _name: str) -> None:
        if now == index:
            os.kill(os.getpid(), signal.SIGTERM)

    return before
