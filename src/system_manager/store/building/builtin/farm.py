"""``builtin:link-farm``: a directory of links.

Attribute: ``entries``, a JSON list of ``{"name": <place inside the output>, "path": <target>}``. As for
``linkFarm`` of nixpkgs, a later entry replaces an earlier one of the same name.
"""

from __future__ import annotations

import json
from pathlib import Path

from system_manager.base.type_hints import Mapping
from system_manager.store.building.builtin.places import below
from system_manager.store.building.context import BuildContext, require
from system_manager.store.errors import BuildFailedError


def build_link_farm(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext) -> None:
    """Make the links."""
    output = outputs["out"]
    entries = {below(output, name, context): target for name, target in _entries(environment, context)}
    output.mkdir()
    for place, target in sorted(entries.items()):
        if place == output:
            raise BuildFailedError("a link needs a name", where=str(context.path))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
        except (FileExistsError, NotADirectoryError):
            name = place.relative_to(output)
            raise BuildFailedError(
                f"'{name}' lies inside another entry, which is a link", where=str(context.path)
            ) from None


def _entries(environment: Mapping[str, str], context: BuildContext) -> list[tuple[str, str]]:
    malformed = BuildFailedError(
        "the attribute 'entries' must be a JSON list of objects with 'name' and 'path'", where=str(context.path)
    )
    try:
        parsed = json.loads(require(environment, "entries", context))
    except (ValueError, RecursionError):
        raise malformed from None
    if not isinstance(parsed, list):
        raise malformed
    entries = []
    for item in parsed:
        name, path = (item.get("name"), item.get("path")) if isinstance(item, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(path, str) or not path:
            raise malformed
        entries.append((name, path))
    return entries
