"""Where this user's caches are (XDG Base Directory Specification)."""

from __future__ import annotations

import os
from pathlib import Path


def cache_directory(name: str) -> Path:
    """A directory below the user's cache; not made here, and safe to delete."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says that relative paths are to be ignored.
    base = Path(home) if home.startswith("/") else Path.home() / ".cache"
    return base / "system-manager" / name
