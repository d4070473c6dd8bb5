"""All pure builtins: those that need no file system, no store, no environment and no clock."""

from __future__ import annotations

from system_manager.language.builtins import (
    attributes,
    context,
    control,
    formats,
    hashes,
    lists,
    numbers,
    regular_expressions,
    sorting,
    strings,
    types,
    versions,
)
from system_manager.language.builtins.registry import Builtin

PURE_BUILTINS: tuple[Builtin, ...] = (
    *types.TABLE,
    *control.TABLE,
    *numbers.TABLE,
    *strings.TABLE,
    *regular_expressions.TABLE,
    *versions.TABLE,
    *lists.TABLE,
    *sorting.TABLE,
    *attributes.TABLE,
    *context.TABLE,
    *formats.TABLE,
    *hashes.TABLE,
)
