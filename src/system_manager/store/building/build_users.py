"""Users for builders.

When root builds, builders run under a user id that nobody else has: not even a builder that breaks out of its
sandbox is root, and two builds cannot touch each other. The ids and their lock files are those of Nix's setting
``auto-allocate-uids``, so that both programs can build at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from system_manager.base.records import record
from system_manager.base.type_hints import Iterator
from system_manager.store.errors import StoreError
from system_manager.store.layout import StoreLayout

_FIRST_ID = 0x34000000
_IDS_EACH = 1 << 16
_SLOTS = 128


@record(frozen=True)
class BuildUser:
    """Numeric ids, outside the sandbox, of a builder."""

    user: int
    group: int


@contextlib.contextmanager
def acquire_build_user(layout: StoreLayout) -> Iterator[BuildUser]:
    """Reserve a user for one build. Without the right to become another user it is the current one."""
    if os.geteuid() != 0 or not _is_mapped(_FIRST_ID + _SLOTS * _IDS_EACH):
        yield BuildUser(os.geteuid(), os.getegid())
        return
    layout.build_users_directory.mkdir(mode=0o755, exist_ok=True)
    for slot in range(_SLOTS):
        file = layout.build_users_directory / f"slot-{slot}"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            number = _FIRST_ID + slot * _IDS_EACH
            yield BuildUser(number, number)
            return
        finally:
            os.close(descriptor)
    raise StoreError(f"all {_SLOTS} build users are taken", hint="wait until another build has finished")


def _is_mapped(identifier: int) -> bool:
    """Whether this process's user namespace, a container's perhaps, has such an id at all."""
    for line in Path("/proc/self/uid_map").read_text("ascii").splitlines():
        first, _, count = map(int, line.split())
        if first <= identifier < first + count:
            return True
    return False
