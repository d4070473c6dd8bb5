"""Where inside its output a builder may put something."""

from __future__ import annotations

from pathlib import Path

from system_manager.store.building.context import BuildContext
from system_manager.store.errors import BuildFailedError


def below(output: Path, place: str, context: BuildContext) -> Path:
    """The real location of ``place`` inside an output; raise :class:`BuildFailedError` if it leads out of there."""
    parts = [part for part in place.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in place:
        raise BuildFailedError(f"'{place}' is not a place inside the output", where=str(context.path))
    return output.joinpath(*parts)
