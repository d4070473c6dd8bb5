"""Why two values are not equal, for ``assert a == b``. Follows :func:`~system_manager.language.comparison.equal`."""

from __future__ import annotations

from system_manager.language.comparison import equal, is_derivation
from system_manager.language.describe import describe_value, quote_attribute_name
from system_manager.language.runtime import Lazy, Value, force, is_function, sorted_names, type_name, type_of

_SHORT_NAMES = {"bool": "boolean", "string": "string", "path": "path"}


def find_difference(left: Lazy, right: Lazy) -> str | None:
    """The first difference in words; None if there is none."""
    left, right = force(left), force(right)
    kinds = (type_of(left), type_of(right))
    if set(kinds) <= {"int", "float"}:
        return None if equal(left, right) else _compared(left, right, "with")
    if kinds[0] != kinds[1]:
        return _compared(left, right, "of")
    match kinds[0]:
        case "list":
            return _difference_of_lists(left, right)
        case "set":
            return _difference_of_sets(left, right)
    if is_function(left):
        return "distinct functions and immediate comparisons of identical functions compare as unequal"
    if equal(left, right):
        return None
    name = _SHORT_NAMES[kinds[0]]
    return f"{name} '{describe_value(left)}' is not equal to {name} '{describe_value(right)}'"


def _compared(left: Value, right: Value, preposition: str) -> str:
    first, second = (f"{type_name(value)} {preposition} value '{describe_value(value)}'" for value in (left, right))
    return f"{first} is not equal to {second}"


def _difference_of_lists(left: tuple[Lazy, ...], right: tuple[Lazy, ...]) -> str | None:
    if len(left) != len(right):
        return (
            f"list of size '{len(left)}' is not equal to list of size '{len(right)}', left hand side is "
            f"'{describe_value(left)}', right hand side is '{describe_value(right)}'"
        )
    for index, item in enumerate(left):
        difference = _difference_of_members(item, right[index])
        if difference:
            return difference
    return None


def _difference_of_sets(left: dict[str, Lazy], right: dict[str, Lazy]) -> str | None:
    if is_derivation(left) and is_derivation(right) and "outPath" in left and "outPath" in right:
        return find_difference(left["outPath"], right["outPath"])
    if len(left) != len(right):
        return (
            f"attribute names of attribute set '{describe_value(left)}' differs from attribute set "
            f"'{describe_value(right)}'"
        )
    for name in sorted_names(left):
        if name not in right:
            return (
                f"attribute name '{quote_attribute_name(name)}' is contained in '{describe_value(left)}', "
                f"but not in '{describe_value(right)}'"
            )
        difference = _difference_of_members(left[name], right[name])
        if difference:
            return difference
    return None


def _difference_of_members(left: Lazy, right: Lazy) -> str | None:
    # As members: one and the same value is equal to itself there, even a function.
    return None if equal((left,), (right,)) else find_difference(left, right)
