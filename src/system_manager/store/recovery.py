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
from system_manager.base.type_hints import Iterable, Mapping
from system_manager.store.database import Database, PathInfo
from system_manager.store.errors import StoreError
from system_manager.store.hashing import Hash
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


@record(frozen=True)
class Forgotten:
    """A path that is no longer valid, and what was known about it; ``outputs`` if it is a derivation."""

    info: PathInfo
    outputs: Mapping[str, StorePath]


def forget_missing(layout: StoreLayout, database: Database) -> dict[StorePath, Forgotten]:
    """Forget what is registered and not there, and what refers to that, so that it can be made again.

    Somebody has removed it by hand: dpkg(1) for one does, following a link in the place of a package's own file.
    """
    missing = [path for path in database.all_valid() if not os.path.lexists(layout.real_path(path))]
    return _forget_knowing(database, missing)


def forget_damaged(layout: StoreLayout, database: Database, paths: Iterable[StorePath]) -> dict[StorePath, Forgotten]:
    """As :func:`forget_missing`, of these paths what has another content than was registered. All of it is read."""
    return _forget_knowing(database, [path for path in paths if _is_damaged(layout, database, path)])


def register_again(layout: StoreLayout, database: Database, forgotten: Mapping[StorePath, Forgotten]) -> None:
    """Make valid again what only referred to something that was lost, and is whole: other generations are such."""
    waiting = {path: known for path, known in forgotten.items() if not database.is_valid(path)}
    while waiting:
        ready = [
            known
            for path, known in waiting.items()
            if all(other == path or database.is_valid(other) for other in known.info.references)
        ]
        if not ready:
            return
        for known in ready:
            path = known.info.path
            del waiting[path]
            if _is_as(layout, path, known.info.nar_hash):
                database.register([known.info], {path: known.outputs})


def _forget_knowing(database: Database, paths: list[StorePath]) -> dict[StorePath, Forgotten]:
    lost = _with_referrers(database, paths)
    known = {path: Forgotten(database.path_info(path), database.derivation_outputs(path)) for path in lost}
    database.invalidate(lost)
    return known


def _forget(database: Database, paths: list[StorePath]) -> set[StorePath]:
    """Forget paths with everything that refers to them."""
    lost = _with_referrers(database, paths)
    database.invalidate(lost)
    return lost


def _with_referrers(database: Database, pending: list[StorePath]) -> set[StorePath]:
    found: set[StorePath] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending.extend(database.referrers(path))
    return found


def _is_damaged(layout: StoreLayout, database: Database, path: StorePath) -> bool:
    return not _is_as(layout, path, database.path_info(path).nar_hash)


def _is_as(layout: StoreLayout, path: StorePath, nar_hash: Hash) -> bool:
    try:
        return hash_nar(layout.real_path(path)).hash == nar_hash
    except (OSError, StoreError):
        return False
