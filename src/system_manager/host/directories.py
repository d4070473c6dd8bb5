"""Looking at everything in a directory at once, as thoroughly as one by one and for a fraction of the price."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Collection, Iterator, Mapping

from system_manager.host.files import Seen

# struct statx, see statx(2): attributes, inode, size, seconds and nanoseconds of the last change and modification.
_SIZE = 256
_FIELDS = struct.Struct("=8xQ16xQQ48xqI4xqI4x")
_SYMLINK_NOFOLLOW = 0x100
_BASIC_STATS = 0x7FF
_NANOSECONDS = 1_000_000_000
_HELD = 0x10 | 0x20 | 0x2000  # immutable, append-only, the root of a mount

_Fields = tuple[int, int, int, int, int, int, int]


def holds_only(directory: str, expected: Mapping[str, Seen]) -> bool:
    """Whether a directory holds these entries and no others, nobody changed one since it was seen, and each can be
    removed. False where the C library does not know statx(2). Raises OSError."""
    look = _statx()
    if look is None:
        return False
    descriptor = _opened(directory)
    try:
        if set(os.listdir(descriptor)) != expected.keys():
            return False
        for name, fields in _looked_at(look, descriptor, expected):
            if fields is None:
                return False
            flags, inode, size, changed, changed_rest, modified, modified_rest = fields
            seen = expected[name]
            is_same = (inode, size) == (seen.inode, seen.size)
            is_same &= changed * _NANOSECONDS + changed_rest == seen.changed
            is_same &= modified * _NANOSECONDS + modified_rest == seen.modified
            if not is_same or flags & _HELD:
                return False
    finally:
        os.close(descriptor)
    return True


def may_be_held(directory: str, names: Collection[str]) -> list[str]:
    """Of these entries, those of which something may keep root from removing them. Raises OSError."""
    look = _statx()
    if look is None:
        return list(names)
    descriptor = _opened(directory)
    try:
        return [name for name, fields in _looked_at(look, descriptor, names) if fields is None or fields[0] & _HELD]
    finally:
        os.close(descriptor)


def _opened(directory: str) -> int:
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _statx() -> Callable[..., int] | None:
    import ctypes

    return getattr(ctypes.CDLL(None, use_errno=True), "statx", None)


def _looked_at(
    look: Callable[..., int], descriptor: int, names: Collection[str]
) -> Iterator[tuple[str, _Fields | None]]:
    """Each name with the fields of what is there, None when that cannot be told."""
    import ctypes

    answer = ctypes.create_string_buffer(_SIZE)
    for name in names:
        failed = look(descriptor, os.fsencode(name), _SYMLINK_NOFOLLOW, _BASIC_STATS, answer) != 0
        yield name, None if failed else _FIELDS.unpack_from(answer)
