"""Checking that the store holds what its database says."""

from __future__ import annotations

import enum

from system_manager.base.records import record
from system_manager.base.type_hints import Iterator
from system_manager.store.errors import StoreError
from system_manager.store.nar import hash_nar
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from system_manager.store.temporary_roots import collector_lock


class ProblemKind(enum.Enum):
    """What can be wrong with a valid path."""

    MISSING = "missing"  # it is registered and not there
    MODIFIED = "modified"  # its content is not what was registered
    UNREADABLE = "unreadable"  # its content cannot be read


@record(frozen=True)
class Problem:
    """One thing that is wrong, in one sentence."""

    path: StorePath
    kind: ProblemKind
    text: str


def verify(store: Store, *, check_contents: bool = False) -> Iterator[Problem]:
    """Compare the store with its database, path by path.

    :param check_contents: also read everything and compare the hashes, which takes as long as that takes.
    """
    if store.is_read_only:
        yield from _verify(store, check_contents=check_contents)
        return
    store.flush()
    with collector_lock(store.layout, exclusive=False):
        yield from _verify(store, check_contents=check_contents)


def _verify(store: Store, *, check_contents: bool) -> Iterator[Problem]:
    for path in sorted(store.database.all_valid()):
        real = store.real_path(path)
        if not real.is_symlink() and not real.exists():
            yield Problem(path, ProblemKind.MISSING, f"path '{path}' disappeared, but it is still valid")
            continue
        if not check_contents:
            continue
        info = store.path_info(path)
        try:
            found = hash_nar(real)
        except (OSError, StoreError) as error:
            yield Problem(path, ProblemKind.UNREADABLE, f"path '{path}' cannot be read: {error}")
            continue
        if found.hash != info.nar_hash:
            yield Problem(
                path,
                ProblemKind.MODIFIED,
                f"path '{path}' was modified! expected hash {info.nar_hash.sri}, got {found.hash.sri}",
            )
