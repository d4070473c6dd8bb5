"""Replacing files so that nobody ever sees a half-written, missing or too readable one.

The pattern is always the same: a temporary file in the *same directory* (rename works only within one file
system), created with mode 0600 so that a secret is never exposed, given its final owner and then its final
mode, flushed to disk, and renamed over the old one.
"""

from __future__ import annotations

import contextlib
import os
import re

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.base.type_hints import Iterator, NewType, TypeAlias

AnyPath: TypeAlias = "str | os.PathLike[str]"

Mode = NewType("Mode", int)
"""The twelve permission bits of a file, e.g. ``Mode(0o644)``."""


def parse_mode(text: str) -> Mode:
    """Read ``"0644"`` or ``"644"`` as permission bits."""
    if not re.fullmatch("[0-7]{3,5}", text) or int(text, 8) > 0o7777:
        raise SystemManagerError(f"'{text}' is not a file mode", hint="write three or four octal digits, e.g. 0644")
    return Mode(int(text, 8))


@record(frozen=True)
class Ownership:
    """Numeric owner and group of a file."""

    user: int
    group: int


def shortened(name: str) -> str:
    """A name with room for more: the longest one has 255 bytes, whatever number of letters that is."""
    return os.fsdecode(os.fsencode(name)[:200])


def _temporary_beside(path: AnyPath) -> str:
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{shortened(name)}.{os.urandom(6).hex()}.tmp")


def sync_directory(directory: AnyPath) -> None:
    """Make renames and removals inside ``directory`` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(
    path: AnyPath,
    data: bytes,
    *,
    mode: Mode,
    ownership: Ownership | None = None,
    durable: bool = True,
    temporary: AnyPath | None = None,
) -> None:
    """Replace ``path`` by a regular file with this content, mode and owner, in one step.

    ``durable`` also waits until file and directory entry are on disk. ``temporary`` names the temporary file, for
    a sole writer who wants to find what a killed run left; the name must be in the same directory. Raises
    OSError; the old file is then untouched and the temporary one gone.
    """
    if temporary is None:
        temporary = _temporary_beside(path)
    else:
        _remove(temporary)
    # 0600 at creation: the umask can only take bits away, and nobody else can open it before fchmod.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            write_all(descriptor, data)
            # Owner before mode: chown clears set-user-id bits.
            if ownership is not None:
                os.fchown(descriptor, ownership.user, ownership.group)
            os.fchmod(descriptor, mode)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise
    if durable:
        sync_directory(_parent(path))


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it to an open file. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def link_atomically(path: AnyPath, target: str, *, durable: bool = True) -> None:
    """Replace ``path`` by a symbolic link to ``target``, in one step. Raises OSError."""
    temporary = _temporary_beside(path)
    os.symlink(target, temporary)
    try:
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise
    if durable:
        sync_directory(_parent(path))


def _parent(path: AnyPath) -> str:
    return os.path.dirname(path) or "."


def _remove(path: AnyPath) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    """Run the body under another umask."""
    previous = os.umask(mask)
    try:
        yield
    finally:
        os.umask(previous)
