"""Where this user's caches and state are (XDG Base Directory Specification)."""

from __future__ import annotations

import os
from pathlib import Path

from system_manager.cli.settings import Settings


def cache_directory(name: str) -> Path:
    """A directory below the user's cache; not made here, and safe to delete."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says that relative paths are to be ignored.
    base = Path(home) if home.startswith("/") else Path.home() / ".cache"
    return base / "system-manager" / name


def state_directory() -> Path:
    """A directory for what this user would miss, but need not back up; not made here."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local/state"
    return base / "system-manager"


def has_database(settings: Settings) -> bool:
    """Whether there is a store that can be read."""
    return (settings.store_root / "nix/var/nix/db/db.sqlite").exists()
