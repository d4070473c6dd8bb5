"""Equality and order of values.

Written without ``sorted(key=…)`` or anything else that would call evaluation from C: nesting is limited by the
evaluator's own depth, never by the C stack.
"""

from __future__ import annotations

from system_manager.language.byte_strings import text_before
from system_manager.language.call_depth import LEVELS, enter_level, refuse_level
from system_manager.language.describe import describe_value
from system_manager.language.errors import EvaluationTypeError
from system_manager.language.thunks import force
from system_manager.language.values import Lazy, StringWithContext, Value, is_function, type_name, type_of


def equal(left: Lazy, right: Lazy) -> bool:
    """Nix's ``==``. Functions are never equal, except as the same element of lists or sets."""
    if left.__class__ is list:
        left = force(left)
    if right.__class__ is list:
        right = force(right)
    if LEVELS[0] > LEVELS[1]:
        refuse_level()
    kind = left.__class__
    if kind is not right.__class__ or (kind is not tuple and kind is not dict):
        return equal_in_level(left, right)
    LEVELS[0] += 1
    result = equal_in_level(left, right)
    LEVELS[0] -= 1
    return result


def equal_members(left: Lazy, right: Lazy) -> bool:
    """Equality of what lists and sets hold, which is evaluated in the level of the comparison."""
    enter_level()
    result = equal_in_level(left, right)
    LEVELS[0] -= 1
    return result


def equal_in_level(left: Lazy, right: Lazy) -> bool:
    """Equality in a level that is open already."""
    if left.__class__ is list:
        left = force(left)
    if right.__class__ is list:
        right = force(right)
    kind = left.__class__
    if kind is not right.__class__:
        return _equal_across_types(left, right)
    if kind is str or kind is int:
        return bool(left == right)
    if kind is tuple:
        return _equal_lists(left, right)
    if kind is dict:
        return _equal_sets(left, right)
    return not is_function(left) and bool(left == right)


def _equal_across_types(left: Value, right: Value) -> bool:
    # Python would also find True == 1, and compare an integer with a float exactly.
    kinds = {left.__class__, right.__class__}
    if kinds == {int, float}:
        return float(left) == float(right)
    return kinds == {str, StringWithContext} and bool(left == right)


def _same(left: Lazy, right: Lazy) -> bool:
    """Whether both are one and the same value in memory, which makes even functions and NaN equal."""
    if left is right:
        return True
    if left.__class__ is list:
        return left[0] is None and left[1] is right and right.__class__ is not list
    return right.__class__ is list and right[0] is None and right[1] is left


def _equal_lists(left: tuple[Lazy, ...], right: tuple[Lazy, ...]) -> bool:
    if len(left) != len(right):
        return False
    if not left:
        return True
    enter_level()
    result = True
    for index, item in enumerate(left):
        other = right[index]
        if _same(item, other):
            force(item)
        elif not equal_in_level(item, other):
            result = False
            break
    LEVELS[0] -= 1
    return result


def _equal_sets(left: dict[str, Lazy], right: dict[str, Lazy]) -> bool:
    if is_derivation(left) and is_derivation(right) and "outPath" in left and "outPath" in right:
        return equal_members(left["outPath"], right["outPath"])
    if left.keys() != right.keys():
        return False
    if not left:
        return True
    enter_level()
    result = True
    for name, value in left.items():
        other = right[name]
        if _same(value, other):
            force(value)
        elif not equal_in_level(value, other):
            result = False
            break
    LEVELS[0] -= 1
    return result


def is_derivation(attributes: dict[str, Lazy]) -> bool:
    """Whether the set says ``type = "derivation"``; forces ``type``."""
    if "type" not in attributes:
        return False
    result: bool = force(attributes["type"]) == "derivation"
    return result


def less_than(left: Lazy, right: Lazy) -> bool:
    """Nix's ``<``: numbers, strings, paths, and lists of such, element by element."""
    if left.__class__ is list:
        left = force(left)
    if right.__class__ is list:
        right = force(right)
    kind = left.__class__
    if kind is right.__class__:
        if kind is int or kind is float:
            return bool(left < right)
        if kind is str:
            return text_before(left, right)
        if kind is tuple:
            return _list_less_than(left, right)
    of_left, of_right = type_of(left), type_of(right)
    if of_left in _NUMBERS and of_right in _NUMBERS:
        return float(left) < float(right)
    if of_left == of_right == "string":
        return text_before(_text(left), _text(right))
    if of_left == of_right == "path":
        return text_before(left.path, right.path)
    message = f"cannot compare {type_name(left)} with {type_name(right)}"
    shown = f"{describe_value(left)} and {describe_value(right)}"
    if of_left != of_right:
        raise EvaluationTypeError(f"{message}; values are {shown}")
    raise EvaluationTypeError(f"{message}; values of that type are incomparable (values are {shown})")


_NUMBERS = frozenset({"int", "float"})


def _text(value: Value) -> str:
    text: str = value if value.__class__ is str else value.text
    return text


def _list_less_than(left: tuple[Lazy, ...], right: tuple[Lazy, ...]) -> bool:
    for index, other in enumerate(right):
        if index == len(left):
            return True
        item = left[index]
        if not _same(item, other) and not equal_members(item, other):
            return less_than(item, other)
    return False
