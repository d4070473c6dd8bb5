"""Roots of the garbage collector: links from outside the store into it.

A link below ``gcroots`` or ``profiles`` keeps what it points to. A link anywhere else is kept in view by a link
to *it* in ``gcroots/auto``, and stops being a root when its user removes it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from system_manager.base.files import link_atomically
from system_manager.base.records import record
from system_manager.base.type_hints import Iterator
from system_manager.store.errors import InvalidStorePathError, StoreError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.layout import StoreLayout
from system_manager.store.paths import STORE_DIRECTORY, StorePath


@record(frozen=True)
class Root:
    """A link and the store path that it keeps. The path need not be valid."""

    link: Path
    path: StorePath


def add_permanent_root(link: Path, path: StorePath) -> None:
    """Make or redirect a link below ``gcroots`` or ``profiles``. Raises OSError."""
    link.parent.mkdir(parents=True, exist_ok=True)
    link_atomically(link, str(path))


def add_indirect_root(layout: StoreLayout, link: Path, path: StorePath) -> None:
    """Make or redirect a link anywhere, and register it as a root.

    Raises OSError; and :class:`StoreError` when something other than a link is in the way, or the link cannot be made.
    """
    link = link.absolute()
    if os.path.lexists(link) and not link.is_symlink():
        raise StoreError(f"cannot create '{link}': a file that is not a link is in the way", hint="remove it first")
    # Registered before it points anywhere, so that a collector cannot come between the two.
    name = hash_bytes(HashAlgorithm.SHA1, os.fsencode(link)).nix32
    layout.automatic_roots_directory.mkdir(parents=True, exist_ok=True)
    link_atomically(layout.automatic_roots_directory / name, str(link))
    try:
        link_atomically(link, str(path))
    except OSError as error:
        # Python names what a link was to lead to, not where it was to be made.
        raise StoreError(
            f"the link cannot be made: {error.strerror}",
            where=str(link),
            hint="choose a directory that exists, and that you may write to",
        ) from error


def find_roots(layout: StoreLayout) -> Iterator[Root]:
    """All roots in ``gcroots`` and ``profiles``. Links in ``gcroots/auto`` to nothing are removed."""
    pending = [layout.roots_directory, layout.profiles_directory]
    while pending:
        directory = pending.pop()
        try:
            entries = sorted(directory.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            # A root that cannot be seen would be collected.
            raise StoreError(f"cannot read roots: {error.strerror}", where=str(directory)) from error
        for entry in entries:
            mode = entry.lstat().st_mode
            if stat.S_ISDIR(mode):
                pending.append(entry)
            elif stat.S_ISLNK(mode):
                root = _follow(layout, entry)
                if root is not None:
                    yield root
            elif stat.S_ISREG(mode) and (path := _parse(layout, f"{STORE_DIRECTORY}/{entry.name}")):
                yield Root(entry, path)


def _follow(layout: StoreLayout, link: Path) -> Root | None:
    target = str(link.readlink())
    path = _parse(layout, target)
    if path is not None:
        return Root(link, path)
    second = _real_target(layout, link, target)
    try:
        mode = second.lstat().st_mode
    except FileNotFoundError:
        if link.parent == layout.automatic_roots_directory:
            link.unlink(missing_ok=True)
        return None
    except OSError as error:
        raise StoreError(f"cannot read the root '{link}': {error.strerror}", where=str(second)) from error
    if not stat.S_ISLNK(mode):
        return None
    path = _parse(layout, str(second.readlink()))
    return Root(second, path) if path is not None else None


def _real_target(layout: StoreLayout, link: Path, target: str) -> Path:
    """Where a link leads; in a store under another root it may be written as seen from inside that."""
    if target.startswith("/"):
        inside = layout.root / target.lstrip("/")
        return inside if os.path.lexists(inside) else Path(target)
    return link.parent / target


def _parse(layout: StoreLayout, target: str) -> StorePath | None:
    """The store path that a link points to or into, written logically or as a real location."""
    real_prefix = f"{layout.store_directory}/"
    if target.startswith(real_prefix):
        target = f"{STORE_DIRECTORY}/{target[len(real_prefix) :]}"
    try:
        return StorePath.containing(target)[0]
    except InvalidStorePathError:
        return None
