"""Where this user's caches and state are (XDG Base Directory Specification)."""

from __future__ import annotations

import os

from system_manager.cli.settings import Settings


def home_directory() -> str:
    """This user's home; a directory that does not exist for a user that is in no account file and says nothing."""
    home = os.path.expanduser("~")
    return home if home.startswith("/") else "/nonexistent"


def cache_directory(name: str) -> str:
    """A directory below the user's cache; not made here, and safe to delete."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says that relative paths are to be ignored.
    base = home if home.startswith("/") else f"{home_directory()}/.cache"
    return f"{base}/system-manager/{name}"


def state_directory() -> str:
    """A directory for what this user would miss, but need not back up; not made here."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = home if home.startswith("/") else f"{home_directory()}/.local/state"
    return f"{base}/system-manager"


def profile_directory(settings: Settings) -> str:
    """Where the links of the generations are."""
    from system_manager.generation.profile import DIRECTORY

    return f"{settings.store_root.rstrip('/')}{DIRECTORY}"


def has_database(settings: Settings) -> bool:
    """Whether there is a store that can be read."""
    return os.path.exists(f"{settings.store_root}/nix/var/nix/db/db.sqlite")
