"""Where the engine keeps its own things: no configuration can put anything there."""

from __future__ import annotations

from system_manager.activation import boot_unit
from system_manager.activation.state import DIRECTORY, RUNTIME_DIRECTORY, SOFTWARE_LINK

_PLACES = (DIRECTORY, RUNTIME_DIRECTORY, *boot_unit.PATHS)


def is_own_place(path: str) -> bool:
    """Whether a logical path, links followed, is the engine's, inside of what is, or above it."""
    if path == SOFTWARE_LINK:  # which is managed as other files are
        return False
    return any(f"{path}/".startswith(f"{ours}/") or f"{ours}/".startswith(f"{path}/") for ours in _PLACES)
