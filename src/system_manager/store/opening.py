"""Opening a store: its directories, its schema version, and the lock that keeps upgrades away."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from system_manager.base.files import Mode, link_atomically, umask, write_atomically
from system_manager.store.database import SCHEMA_VERSION, Database
from system_manager.store.errors import CorruptStoreError, StoreUnavailableError
from system_manager.store.layout import StoreLayout
from system_manager.store.recovery import recover

_RESERVED_BYTES = 8 << 20


def open_database(layout: StoreLayout, *, use_reserve: bool) -> tuple[Database, int]:
    """Open a store for writing, and make it first if there is none. Everybody may read it.

    :param use_reserve: free the space that is kept for collecting garbage on a full disk.

    Returns the database and the descriptor that holds the shared lock on the store, to be closed with it.
    Raises :class:`StoreUnavailableError` or :class:`CorruptStoreError`.
    """
    with umask(0o022):
        return _open_database(layout, use_reserve=use_reserve)


def _open_database(layout: StoreLayout, *, use_reserve: bool) -> tuple[Database, int]:
    try:
        _refuse_links(layout)
        _create_directories(layout)
        if not os.access(layout.store_directory, os.W_OK):
            read_only = os.statvfs(layout.store_directory).f_flag & os.ST_RDONLY
            code = errno.EROFS if read_only else errno.EACCES
            raise OSError(code, os.strerror(code), str(layout.store_directory))
        reserve = layout.database_directory / "reserved"
        if use_reserve:
            reserve.unlink(missing_ok=True)
        else:
            _reserve_space(reserve)
        lock = _lock_schema(layout)
    except OSError as error:
        raise StoreUnavailableError(
            f"the store cannot be written: {error.strerror}",
            where=str(error.filename or layout.store_directory),
            hint=(
                "mount its file system read-write"
                if error.errno == errno.EROFS
                else "become root (--sudo), or choose a store in a directory of your own (--store)"
            ),
        ) from error
    try:
        database = _open_schema(layout, lock)
        try:
            recover(layout, database)
        except BaseException:
            database.close()
            raise
        return database, lock
    except BaseException:
        os.close(lock)
        raise


def open_database_read_only(layout: StoreLayout) -> Database:
    """Open an existing store without writing anything. Raises :class:`StoreUnavailableError`."""
    version = _schema_version(layout)
    if version is None:
        raise StoreUnavailableError("there is no store to read", where=str(layout.store_directory))
    _check_version(version, layout)
    return Database(layout.database, read_only=True)


def _refuse_links(layout: StoreLayout) -> None:
    # A link would lead builders and collectors to files that are not the store's. The root itself may be behind one.
    for path in (layout.root / "nix", layout.store_directory):
        if path.is_symlink():
            raise StoreUnavailableError(
                f"the path '{path}' is a symbolic link; that is not allowed for the store and its parent directories",
                hint="use a bind mount instead",
            )


def _create_directories(layout: StoreLayout) -> None:
    if not layout.root.is_dir():
        layout.root.mkdir(parents=True, exist_ok=True)
    for directory in (
        layout.store_directory,
        layout.database_directory,
        layout.roots_directory / "per-user",
        layout.automatic_roots_directory,
        layout.profiles_directory / "per-user",
        layout.temporary_roots_directory,
    ):
        if not directory.is_dir():
            directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    profiles = layout.roots_directory / "profiles"
    if not profiles.is_symlink():
        link_atomically(profiles, "/nix/var/nix/profiles", durable=False)


def _reserve_space(file: Path) -> None:
    """Keep some space that the collector frees first: on a full disk the database could not even be opened."""
    with contextlib.suppress(OSError):
        if file.exists() and file.stat().st_size == _RESERVED_BYTES:
            return
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, _RESERVED_BYTES)
        except OSError:
            file.unlink(missing_ok=True)  # there is no space to reserve
        finally:
            os.close(descriptor)


def _lock_schema(layout: StoreLayout) -> int:
    file = layout.database_directory / "big-lock"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _open_schema(layout: StoreLayout, lock: int) -> Database:
    version = _schema_version(layout)
    if version is not None:
        _check_version(version, layout)
        return Database(layout.database)
    # Several processes may come here at once. The lock cannot be upgraded in one step, so look again.
    fcntl.flock(lock, fcntl.LOCK_EX)
    database = Database(layout.database, create=True)
    try:
        if _schema_version(layout) is None:
            write_atomically(
                layout.database_directory / "schema", str(SCHEMA_VERSION).encode(), mode=Mode(0o644), durable=True
            )
        fcntl.flock(lock, fcntl.LOCK_SH)
    except BaseException:
        database.close()
        raise
    return database


def _schema_version(layout: StoreLayout) -> int | None:
    file = layout.database_directory / "schema"
    try:
        text = file.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailableError(f"the store cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError:
        text = ""
    if not text.isdecimal():
        raise CorruptStoreError("the file with the version of the database schema is damaged", where=str(file))
    return int(text)


def _check_version(version: int, layout: StoreLayout) -> None:
    if version == SCHEMA_VERSION:
        return
    hint = "use a newer version of this program" if version > SCHEMA_VERSION else "let a current Nix upgrade it first"
    raise StoreUnavailableError(
        f"the store has database schema version {version}; only version {SCHEMA_VERSION} is supported",
        where=str(layout.database_directory),
        hint=hint,
    )
