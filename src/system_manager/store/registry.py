"""What is valid, and how paths become so.

A path is valid once it is registered in the database, and only then; whatever else lies in the store directory
is debris of an interrupted run. So every addition takes the same steps: protect the path from the collector,
lock it, write it, register it; many at a time where possible.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from system_manager.base.type_hints import Iterable, Iterator, Mapping, Sequence
from system_manager.store.database import Database, PathInfo
from system_manager.store.derivation import Derivation, derivation_name, parse_derivation
from system_manager.store.durability import sync_file_systems
from system_manager.store.errors import PathNotValidError, StoreError, StoreUnavailableError
from system_manager.store.layout import StoreLayout
from system_manager.store.modulo import ModuloHashes
from system_manager.store.opening import open_database, open_database_read_only
from system_manager.store.path_locks import PathLocks
from system_manager.store.paths import StorePath
from system_manager.store.recovery import FlushRecord
from system_manager.store.temporary_roots import TemporaryRoots

_BATCH_PATHS = 200  # each holds an open lock file, and 1024 is the usual limit on those


class Registry:
    """The valid paths of an open store.

    Reading is safe from several threads; additions are made by one at a time.

    :ivar modulo: computes output paths of derivations, and remembers what it learnt.
    """

    def __init__(self, root: Path, *, read_only: bool, use_reserve: bool) -> None:
        self.layout = StoreLayout(root.absolute())
        self.modulo = ModuloHashes(self.read_derivation)
        self._lock: int | None = None
        if read_only:
            self.database: Database = open_database_read_only(self.layout)
        else:
            self.database, self._lock = open_database(self.layout, use_reserve=use_reserve)
        self._temporary_roots = TemporaryRoots(self.layout)
        self._assured: set[StorePath] = set()  # valid, and ours to rely on: they are temporary roots
        self._pending: dict[StorePath, PathInfo] = {}
        self._pending_outputs: dict[StorePath, Mapping[str, StorePath]] = {}
        self._pending_locks = PathLocks()
        self._batch_depth = 0

    def close(self) -> None:
        """Give up locks, temporary roots and the database connection."""
        self._pending_locks.release()
        if not self.is_read_only:
            self._temporary_roots.close()
        self.database.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def is_read_only(self) -> bool:
        """Whether additions are refused."""
        return self._lock is None

    def real_path(self, path: StorePath) -> Path:
        """Where the content of a store path really is."""
        return self.layout.real_path(path)

    def is_valid(self, path: StorePath) -> bool:
        """Whether a path is registered, or is about to be in the current batch."""
        return path in self._assured or self.database.is_valid(path)

    def path_info(self, path: StorePath) -> PathInfo:
        """What is known about a valid path; raise :class:`PathNotValidError`."""
        return self._pending.get(path) or self.database.path_info(path)

    def closure(self, paths: Iterable[StorePath]) -> set[StorePath]:
        """The paths and all that they refer to, directly or not; raise :class:`PathNotValidError`."""
        found: set[StorePath] = set()
        pending = list(paths)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending.extend(self.path_info(path).references)
        return found

    def read_derivation(self, path: StorePath) -> Derivation:
        """Read a ``.drv`` file of the store; raise :class:`PathNotValidError` or :class:`InvalidDerivationError`."""
        name = derivation_name(path)
        if not self.is_valid(path):
            raise PathNotValidError(f"derivation '{path}' is not valid")
        return parse_derivation(self._read(path), name)

    def add_temporary_roots(self, paths: Iterable[StorePath]) -> None:
        """Keep the collector away from the paths while this store is open, whether they exist yet or not."""
        self.require_writable()
        self._temporary_roots.add(paths)

    def assure_valid(self, path: StorePath) -> bool:
        """Protect a path from the collector, and tell whether it is valid. Later questions are then cheap."""
        if path in self._assured:
            return True
        # In this order: a collector that runs between the two either sees the root or has already deleted the path.
        self.add_temporary_roots([path])
        if not self.database.is_valid(path):
            return False
        self._assured.add(path)
        return True

    def lock(self, paths: Iterable[StorePath]) -> PathLocks:
        """Lock paths in order to write them. What the current batch holds is registered first if this must wait."""
        self.require_writable()
        locks = PathLocks()
        real_paths = [self.real_path(path) for path in paths]
        if not locks.acquire(real_paths, wait=False):
            self.flush()  # who waits for a lock while holding others can wait for ever
            locks.acquire(real_paths, wait=True)
        return locks

    def register(
        self,
        infos: Sequence[PathInfo],
        locks: PathLocks,
        *,
        derivation_outputs: Mapping[StorePath, Mapping[str, StorePath]] | None = None,
    ) -> None:
        """Make paths valid that the caller has written while it held ``locks``, which this takes over.

        :param derivation_outputs: output paths of those that are derivations; read from the files if not given.

        In a batch the paths count as valid at once for this process, and for others when the batch is flushed.
        """
        for info in infos:
            if info.path.is_derivation:
                known = (derivation_outputs or {}).get(info.path)
                self._pending_outputs[info.path] = known if known is not None else self._read_outputs(info.path)
            self._pending[info.path] = info
            self._assured.add(info.path)
        self._pending_locks.take_over(locks)
        if self._batch_depth == 0 or len(self._pending_locks) >= _BATCH_PATHS:
            self.flush()

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Register what the body adds together: one transaction instead of one for each path.

        When the body raises, what it had added whole until then is registered all the same.
        """
        self._batch_depth += 1
        try:
            yield
        finally:
            self._batch_depth -= 1
            if self._batch_depth == 0:
                self.flush()

    def flush(self) -> None:
        """Register what the current batch has added so far."""
        try:
            if self._pending:
                self.database.register(list(self._pending.values()), self._pending_outputs)
        except BaseException:
            self._assured.difference_update(self._pending)
            raise
        finally:
            # Afterwards, not before: other threads look here first and in the database then.
            self._pending, self._pending_outputs = {}, {}
            self._pending_locks.release()

    def sync(self) -> None:
        """Wait until everything in the store is on disk, its database included.

        To be called before something that must survive a power cut begins to refer to the store. Raises OSError.
        """
        record = FlushRecord.now()
        sync_file_systems([self.layout.store_directory, self.layout.database_directory])
        if not self.is_read_only:
            record.write(self.layout)

    def require_writable(self) -> None:
        """Raise :class:`StoreUnavailableError` if the store was opened for reading."""
        if self.is_read_only:
            raise StoreUnavailableError("the store was opened for reading only", where=str(self.layout.store_directory))

    def _read(self, path: StorePath) -> bytes:
        try:
            return self.real_path(path).read_bytes()
        except OSError as error:
            raise StoreError(f"'{path}' cannot be read: {error.strerror}", where=str(self.real_path(path))) from error

    def _read_outputs(self, path: StorePath) -> dict[str, StorePath]:
        derivation = parse_derivation(self._read(path), derivation_name(path))
        self.modulo.check_output_paths(derivation)
        return {name: output.path for name, output in derivation.outputs.items() if output.path is not None}
