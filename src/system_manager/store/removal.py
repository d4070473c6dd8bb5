"""Removing a whole store: only one that nobody else uses."""

from __future__ import annotations

import contextlib
from pathlib import Path

from system_manager.base.type_hints import Iterator
from system_manager.store.layout import StoreLayout
from system_manager.store.metadata import remove_tree

# What an installation of Nix leaves, by whatever installer or package. Below the machine's root.
_SIGNS_OF_NIX = (
    "nix/receipt.json",
    "nix/nix-installer",
    "nix/var/nix/daemon-socket/socket",
    "usr/bin/nix-store",
    "usr/bin/nix",
    "usr/local/bin/nix",
    "etc/systemd/system/nix-daemon.service",
    "usr/lib/systemd/system/nix-daemon.service",
    "lib/systemd/system/nix-daemon.service",
)
# What opening a store makes.
_OWN_ROOTS = frozenset({"auto", "per-user", "profiles"})
_OWN_PROFILES = frozenset({"per-user"})


def other_users(layout: StoreLayout, machine: Path) -> list[str]:
    """Signs that somebody else uses the store: programs, profiles and roots that nobody here made, as paths.

    Links to results of builds do not count.

    :param machine: the root of the machine that the store is on.
    """
    found = [f"/{sign}" for sign in _SIGNS_OF_NIX if (machine / sign).exists() or (layout.root / sign).exists()]
    for directory, own in ((layout.profiles_directory, _OWN_PROFILES), (layout.roots_directory, _OWN_ROOTS)):
        found += [str(entry) for entry in _entries(directory) if entry.name not in own]
        found += [str(entry) for entry in _entries(directory / "per-user") if any(_entries(entry))]
    return sorted(set(found))


def _entries(directory: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        yield from directory.iterdir()


def remove_store(layout: StoreLayout) -> None:
    """Remove the store with all that is in it, and its state. A mount point stays, empty. Raises OSError."""
    top = layout.root / "nix"
    if not top.is_mount():
        remove_tree(top)
        return
    for entry in _entries(top):
        remove_tree(entry)
