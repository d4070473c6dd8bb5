"""Version numbers as Nix orders them (Nix manual, ``builtins.compareVersions`` and ``builtins.parseDrvName``)."""

from __future__ import annotations

from itertools import zip_longest

_DIGITS = frozenset("0123456789")

# A component with more than 31 bits is not a number to Nix, and is compared as text.
_MAX_NUMBER = 2**31 - 1
_MAX_DIGITS = 4000


def version_components(version: str) -> list[str]:
    """Runs of digits, and runs of anything that is neither a digit nor a separator (``.`` and ``-``)."""
    components: list[str] = []
    for part in version.replace("-", ".").split("."):
        digits: bool | None = None
        for character in part:
            before, digits = digits, character in _DIGITS
            if digits is before:
                components[-1] += character
            else:
                components.append(character)
    return components


def split_derivation_name(name: str) -> tuple[str, str]:
    """The package's name and its version, which is empty when there is none."""
    dash = name.find("-")
    while 0 <= dash < len(name) - 1:
        if not (name[dash + 1].isascii() and name[dash + 1].isalpha()):
            return name[:dash], name[dash + 1 :]
        dash = name.find("-", dash + 1)
    return name, ""


def compare_versions(left: str, right: str) -> int:
    """-1, 0 or 1 when ``left`` is older than, the same as or newer than ``right``."""
    for first, second in zip_longest(version_components(left), version_components(right), fillvalue=""):
        if _older(first, second):
            return -1
        if _older(second, first):
            return 1
    return 0


def _number(component: str) -> int | None:
    if not component or not component[0].isascii() or not component[0].isdigit() or len(component) > _MAX_DIGITS:
        return None
    number = int(component)
    return number if number <= _MAX_NUMBER else None


def _older(left: str, right: str) -> bool:
    left_number, right_number = _number(left), _number(right)
    if left_number is not None and right_number is not None:
        return left_number < right_number
    if left == "" and right_number is not None:
        return True
    if left == "pre" and right != "pre":
        return True
    if right == "pre":
        return False
    # "2.3a" is older than "2.3.1".
    if right_number is not None:
        return True
    if left_number is not None:
        return False
    return left < right
