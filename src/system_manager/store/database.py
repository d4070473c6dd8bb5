"""The database of valid paths: Nix's SQLite schema, read and written as Nix does."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

from system_manager.base.records import record
from system_manager.base.type_hints import Iterable, Iterator, Mapping, Sequence
from system_manager.store.addressing import ContentAddress
from system_manager.store.errors import (
    CorruptStoreError,
    InvalidHashError,
    InvalidStorePathError,
    PathNotValidError,
    StoreUnavailableError,
)
from system_manager.store.hashing import Hash
from system_manager.store.paths import StorePath

SCHEMA_VERSION = 10

_REPLACE = (
    "put back a copy of nix/var/nix/db, or where nobody else uses the store, move all of it away to begin a new one"
)
_BUSY_SECONDS = 600.0  # another process may hold the write lock while it waits for its disk


@record(frozen=True)
class PathInfo:
    """What the store knows about a valid path.

    :ivar nar_hash: SHA-256 of the path's archive.
    :ivar nar_size: length of the archive in bytes.
    :ivar references: what the content mentions, itself included if it does.
    :ivar deriver: the derivation that it was built from; that need not be valid.
    :ivar registration_time: seconds since 1970; 0 stands for now.
    :ivar ultimate: built here, so trusted without a signature.
    :ivar signatures: ``<key name>:<base 64>`` each.
    :ivar content_address: how the path was computed, if from its content.
    """

    path: StorePath
    nar_hash: Hash
    nar_size: int
    references: frozenset[StorePath] = frozenset()
    deriver: StorePath | None = None
    registration_time: int = 0
    ultimate: bool = False
    signatures: tuple[str, ...] = ()
    content_address: ContentAddress | None = None


@contextlib.contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if text.startswith("no such table"):  # what is left of a file whose content was lost is a database, too
            raise CorruptStoreError(f"the store database is damaged: {text}", where=str(path), hint=_REPLACE) from error
        hint = None
        if "full" in text or "disk I/O" in text:  # the latter where no room is left for SQLite's shared memory
            hint = "the disk may be full: free some space, for example by collecting garbage"
        elif "readonly" in text or "unable to open" in text:
            hint = "run the command as the user that owns the store"
        elif "locked" in text:
            hint = "another process is writing to the store; try again"
        raise StoreUnavailableError(f"the store database cannot be used: {text}", where=str(path), hint=hint) from error
    except sqlite3.DatabaseError as error:
        raise CorruptStoreError(f"the store database is damaged: {error}", where=str(path), hint=_REPLACE) from error


class Database:
    """One connection. Usable from several threads; each transaction belongs to one of them."""

    def __init__(self, path: Path, *, create: bool = False, read_only: bool = False) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        with _clear_errors(path):
            self._connection = _connect_read_only(path) if read_only else _connect(path, create=create)
            if create:
                schema = Path(__file__).with_name("schema.sql").read_text("utf-8")
                self._connection.executescript(f"begin immediate;\n{schema}\ncommit;")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction inside another one is part of that."""
        with self._lock, _clear_errors(self._path):
            if self._depth == 0:
                self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._connection.execute("commit")
            except BaseException:
                # After some errors, a full disk for one, SQLite has rolled back by itself.
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise
            finally:
                self._depth -= 1

    def _rows(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        with self._lock, _clear_errors(self._path):
            return self._connection.execute(query, parameters).fetchall()

    def is_valid(self, path: StorePath) -> bool:
        """Whether the path is registered."""
        return bool(self._rows("select 1 from ValidPaths where path = ?", str(path)))

    def all_valid(self) -> set[StorePath]:
        """Every registered path."""
        return _paths(self._rows("select path from ValidPaths"))

    def registered_since(self, seconds: int) -> set[StorePath]:
        """The valid paths that were registered at this time, in seconds since 1970, or later."""
        return _paths(self._rows("select path from ValidPaths where registrationTime >= ?", seconds))

    def path_info(self, path: StorePath) -> PathInfo:
        """What is registered about a path; raise :class:`PathNotValidError`."""
        with self._lock:
            rows = self._rows(
                "select id, hash, registrationTime, deriver, narSize, ultimate, sigs, ca "
                "from ValidPaths where path = ?",
                str(path),
            )
            if not rows:
                raise PathNotValidError(f"path '{path}' is not valid")
            identifier, nar_hash, registered, deriver, size, ultimate, signatures, content = rows[0]
            references = self._rows(
                "select path from Refs join ValidPaths on reference = id where referrer = ?", identifier
            )
        try:
            return PathInfo(
                path=path,
                nar_hash=Hash.parse(str(nar_hash)),
                nar_size=_integer(size),
                references=frozenset(_paths(references)),
                deriver=StorePath.parse(str(deriver)) if deriver else None,
                registration_time=_integer(registered),
                ultimate=ultimate == 1,
                signatures=tuple(str(signatures).split()) if signatures else (),
                content_address=_content_address(content),
            )
        except (InvalidHashError, InvalidStorePathError) as error:
            raise CorruptStoreError(f"the database entry of '{path}' is damaged: {error.what}") from None

    def referrers(self, path: StorePath) -> set[StorePath]:
        """The valid paths that refer to this one."""
        return _paths(
            self._rows(
                "select path from Refs join ValidPaths on referrer = id "
                "where reference = (select id from ValidPaths where path = ?)",
                str(path),
            )
        )

    def valid_derivers(self, path: StorePath) -> set[StorePath]:
        """The valid derivations that have this path as an output."""
        return _paths(
            self._rows(
                "select v.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where d.path = ?", str(path)
            )
        )

    def derivation_outputs(self, path: StorePath) -> dict[str, StorePath]:
        """Output paths by name of a valid derivation."""
        rows = self._rows(
            "select d.id, d.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where v.path = ?", str(path)
        )
        return {str(name): StorePath.parse(str(output)) for name, output in rows}

    def references_of_all(self) -> dict[StorePath, set[StorePath]]:
        """The whole graph of references."""
        graph: dict[StorePath, set[StorePath]] = {path: set() for path in self.all_valid()}
        rows = self._rows(
            "select a.path, b.path from Refs join ValidPaths a on referrer = a.id join ValidPaths b on reference = b.id"
        )
        for referrer, reference in rows:
            graph[StorePath.parse(str(referrer))].add(StorePath.parse(str(reference)))
        return graph

    def register(
        self, infos: Sequence[PathInfo], derivation_outputs: Mapping[StorePath, Mapping[str, StorePath]]
    ) -> None:
        """Make paths valid, all together. References must be valid or among them.

        :param derivation_outputs: output paths by name, for each path that is a derivation.

        Raises :class:`PathNotValidError` for a reference that is not valid; nothing is registered then.
        """
        now = int(time.time())
        with self.transaction():
            identifiers = {info.path: self._insert(info, now) for info in infos}
            for info in infos:
                referrer = identifiers[info.path]
                for reference in info.references:
                    if reference not in identifiers:
                        identifiers[reference] = self._identifier(reference)
                    self._connection.execute(
                        "insert or replace into Refs (referrer, reference) values (?, ?)",
                        (referrer, identifiers[reference]),
                    )
                for output, path in derivation_outputs.get(info.path, {}).items():
                    self._connection.execute(
                        "insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)",
                        (referrer, output, str(path)),
                    )

    def _insert(self, info: PathInfo, now: int) -> int:
        values = (
            info.nar_hash.prefixed_base16,
            info.nar_size,
            1 if info.ultimate else None,
            " ".join(info.signatures) or None,
            str(info.content_address) if info.content_address else None,
        )
        cursor = self._connection.execute(
            "insert or ignore into ValidPaths (path, registrationTime, deriver, hash, narSize, ultimate, sigs, ca) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            (str(info.path), info.registration_time or now, str(info.deriver) if info.deriver else None, *values),
        )
        if cursor.rowcount == 1 and cursor.lastrowid is not None:
            return cursor.lastrowid
        self._connection.execute(
            "update ValidPaths set hash = ?, narSize = ?, ultimate = ?, sigs = ?, ca = ? where path = ?",
            (*values, str(info.path)),
        )
        return self._identifier(info.path)

    def _identifier(self, path: StorePath) -> int:
        rows = self._rows("select id from ValidPaths where path = ?", str(path))
        if not rows:
            raise PathNotValidError(f"path '{path}' is not valid, so nothing can refer to it")
        return _integer(rows[0][0])

    def invalidate(self, paths: Iterable[StorePath]) -> None:
        """Forget paths, all together. What refers to them must be among them.

        Raises :class:`CorruptStoreError` when a path that stays refers to one of them.
        """
        names = [(str(path),) for path in paths]
        with self.transaction():
            self._connection.executemany(
                "delete from Refs where referrer = (select id from ValidPaths where path = ?)", names
            )
            try:
                self._connection.executemany("delete from ValidPaths where path = ?", names)
            except sqlite3.IntegrityError:
                raise CorruptStoreError("a store path cannot be deleted because another one refers to it") from None


def _connect(path: Path, *, create: bool) -> sqlite3.Connection:
    # A store whose database is gone is not an empty store: everything in it would be taken for debris.
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    # As Nix: after a power cut the last transactions may be missing, but the database is whole.
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma wal_autocheckpoint = 40000")
    connection.execute("pragma foreign_keys = on")
    return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Open for reading only; without write permission for the directory only a closed database can be read."""
    location = path.absolute().as_uri()
    last: sqlite3.OperationalError | None = None
    for options in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(
            f"{location}?{options}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("select 1 from ValidPaths limit 1").fetchall()
        except sqlite3.OperationalError as error:
            connection.close()
            last = error
        else:
            return connection
    assert last is not None
    raise last


def _paths(rows: Iterable[tuple[object, ...]]) -> set[StorePath]:
    try:
        return {StorePath.parse(str(row[-1])) for row in rows}
    except InvalidStorePathError as error:
        raise CorruptStoreError(f"the store database is damaged: {error.what}", hint=_REPLACE) from None


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _content_address(text: object) -> ContentAddress | None:
    return ContentAddress.parse(str(text)) if text else None
