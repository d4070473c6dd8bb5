"""After a power cut: forgetting what was registered and never reached the disk.

The database and the files of the store are written back by the kernel in no particular order, so a path may be
registered whose content is lost. A small file says since when nothing has been flushed, and in which boot. When
the machine has been started anew since, the paths that were registered after that are compared with their hashes.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from system_manager.base.files import Mode, write_atomically
from system_manager.base.records import record
from system_manager.store.database import Database
from system_manager.store.errors import StoreError
from system_manager.store.layout import StoreLayout
from system_manager.store.nar import hash_nar
from system_manager.store.paths import StorePath

_FILE = "system-manager-flushed"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@record(frozen=True)
class FlushRecord:
    """Everything registered before ``seconds`` (since 1970) is on disk, if the machine still runs boot ``boot``."""

    boot: str
    seconds: int

    @classmethod
    def read(cls, layout: StoreLayout) -> FlushRecord | None:
        """The record of a store; None if there is none that can be read."""
        try:
            boot, seconds = (layout.database_directory / _FILE).read_text("ascii").split()
            return cls(boot, int(seconds))
        except (OSError, ValueError):
            return None

    @classmethod
    def now(cls) -> FlushRecord:
        """For a flush that begins now."""
        try:
            boot = _BOOT.read_text("ascii").strip()
        except OSError:  # a system without /proc: that any two moments belong to one boot is not known
            boot = f"unknown-{os.urandom(8).hex()}"
        return cls(boot, int(time.time()))

    def write(self, layout: StoreLayout) -> None:
        """Write the record, and wait until it is on disk. Raises OSError."""
        text = f"{self.boot} {self.seconds}\n"
        write_atomically(layout.database_directory / _FILE, text.encode(), mode=Mode(0o644))


def recover(layout: StoreLayout, database: Database) -> set[StorePath]:
    """Forget what a power cut has damaged, and what refers to that; to be called when a store is opened.

    Returns the paths that are no longer valid.
    """
    now = FlushRecord.now()
    record = FlushRecord.read(layout)
    if record is not None and record.boot == now.boot:
        return set()
    lost: set[StorePath] = set()
    if record is not None:
        recent = database.registered_since(record.seconds)
        lost = _forget(database, [path for path in recent if _is_damaged(layout, database, path)])
    # On a full disk the old record stays, and the same paths are looked at again next time.
    with contextlib.suppress(OSError):
        now.write(layout)
    return lost


def forget_missing(layout: StoreLayout, database: Database) -> set[StorePath]:
    """Forget what is registered and not there, and what refers to that, so that it can be made again.

    Somebody has removed it by hand: dpkg(1) for one does, following a link in the place of a package's own file.
    Returns the paths that are no longer valid.
    """
    return _forget(database, [path for path in database.all_valid() if not os.path.lexists(layout.real_path(path))])


def _forget(database: Database, pending: list[StorePath]) -> set[StorePath]:
    """Forget paths with everything that refers to them."""
    lost: set[StorePath] = set()
    while pending:
        path = pending.pop()
        if path not in lost:
            lost.add(path)
            pending.extend(database.referrers(path))
    database.invalidate(lost)
    return lost


def _is_damaged(layout: StoreLayout, database: Database, path: StorePath) -> bool:
    try:
        return hash_nar(layout.real_path(path)).hash != database.path_info(path).nar_hash
    except (OSError, StoreError):
        return True
