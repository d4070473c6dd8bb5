"""``builtin:write-text``: a file, alone or inside a directory, with a given text.

Attributes: ``text``; ``executable``, true or not; ``destination``, an absolute path inside the output, or empty for
an output that is the file itself.
"""

from __future__ import annotations

from pathlib import Path

from system_manager.base.type_hints import Mapping
from system_manager.store.building.builtin.places import below
from system_manager.store.building.context import BuildContext, require
from system_manager.store.metadata import write_store_file


def build_text(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext) -> None:
    """Write the text."""
    data = require(environment, "text", context).encode("utf-8", "surrogateescape")
    place = below(outputs["out"], environment.get("destination", ""), context)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_store_file(place, data, executable=bool(environment.get("executable")))
