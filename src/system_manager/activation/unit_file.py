"""Unit files as text: reading them, and what a difference between two of them calls for.

The format is that of systemd.syntax(7). Values stay raw: no unquoting, no specifiers.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

UnitText = dict[str, dict[str, list[str]]]
"""Section, key, values in order. A key with an empty list was reset by an empty assignment."""

# What separates lines and words for systemd; Python knows more of both.
_LINE_END = re.compile("\r\n|\n\r|[\n\r\0]")
_BLANKS = " \t"

_TRUE = frozenset({"1", "yes", "true", "on"})
_TRUE_FOR_SYSTEMD = frozenset({*_TRUE, "y", "t"})

_NEVER_MATTERS = frozenset(
    {
        "Description",
        "Documentation",
        "OnFailure",
        "OnSuccess",
        "OnFailureJobMode",
        "IgnoreOnIsolate",
        "StopWhenUnneeded",
        "RefuseManualStart",
        "RefuseManualStop",
        "AllowIsolate",
        "CollectMode",
        "SourcePath",
    }
)


class Comparison(enum.IntEnum):
    """What a running unit needs so that a new definition takes effect; the greater one wins."""

    EQUAL = 0
    RELOAD = 1
    DIFFERENT = 2


def _logical_lines(text: str) -> Iterable[str]:
    """Lines without comments, with continued ones joined by a space; a comment does not end a continuation."""
    pending = ""
    for part in _LINE_END.split(text.removeprefix("\ufeff")):
        if part.lstrip(_BLANKS).startswith(("#", ";")):
            continue
        line = pending + part
        if (len(line) - len(line.rstrip("\\"))) % 2:  # the backslash is not escaped itself
            pending = f"{line[:-1]} "
            continue
        yield line
        pending = ""
    if pending:
        yield pending


def parse_unit(texts: Iterable[str]) -> UnitText:
    """Merge a unit file and its drop-ins, in this order. ``[Install]`` is left out: it does nothing at run time."""
    sections: UnitText = {}
    for text in texts:
        section: dict[str, list[str]] | None = None
        for line in _logical_lines(text):
            stripped = line.strip(_BLANKS)
            if stripped.startswith("[") and stripped.endswith("]"):
                name = stripped[1:-1]
                section = sections.setdefault(name, {}) if name != "Install" else {}
                continue
            key, equals, value = stripped.partition("=")
            if section is None or not equals:
                continue
            key, value = key.rstrip(_BLANKS), value.lstrip(_BLANKS)
            if value:
                section.setdefault(key, []).append(value)
            else:
                section[key] = []
    return sections


def values(unit: UnitText, section: str, key: str) -> list[str]:
    """All values of a key; none when it is absent."""
    return unit.get(section, {}).get(key, [])


def last(unit: UnitText, section: str, key: str, default: str = "") -> str:
    """The value that counts for a key that takes one."""
    found = values(unit, section, key)
    return found[-1] if found else default


def flag(unit: UnitText, section: str, key: str, *, default: bool) -> bool:
    """A boolean key; those of NixOS (``X-…``) are true exactly for ``1``, ``yes``, ``true`` and ``on``.

    systemd takes more words for its own, and upper case; what would stop a unit that refuses it fails.
    """
    found = values(unit, section, key)
    if not found:
        return default
    return found[-1] in _TRUE if key.startswith("X-") else found[-1].lower() in _TRUE_FOR_SYSTEMD


def compare(old: UnitText, new: UnitText) -> Comparison:
    """What the change from one definition to the other calls for."""
    result = Comparison.EQUAL
    for section in old.keys() | new.keys():
        before, after = old.get(section, {}), new.get(section, {})
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                result = max(result, _weigh(section, key, added=key not in before, removed=key not in after))
    return result


def _weigh(section: str, key: str, *, added: bool, removed: bool) -> Comparison:
    match section, key:
        case "Unit", "X-Reload-Triggers":
            return Comparison.EQUAL if removed else Comparison.RELOAD
        case "Unit", _ if key in _NEVER_MATTERS:
            return Comparison.EQUAL
        case "Service", "ExecReload":
            return Comparison.EQUAL if removed else Comparison.RELOAD
        case "Mount", "Options":
            return Comparison.DIFFERENT if added or removed else Comparison.RELOAD
        case _:
            return Comparison.DIFFERENT
