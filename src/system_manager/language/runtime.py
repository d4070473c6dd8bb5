"""What code outside the compiler may do with values: the names that builtins and evaluation use.

Values are made and looked into through these functions only, so that their representation can change. Everything
that returns a :data:`~system_manager.language.values.Value` returns it in weak head normal form.

Nothing here lets C code call back into evaluation (``sorted`` with a key, ``map``, ``json.dumps``…): calls from
Python to Python use no C stack, and the depth of a program is then limited by the evaluator alone.
"""

from __future__ import annotations

from types import FunctionType, MethodType

from system_manager.base.type_hints import Callable, Iterator
from system_manager.language.arithmetic import add, concatenate_lists, divide, multiply, subtract, update
from system_manager.language.attribute_keys import attribute_position, key_with_place_of, own_key, plain_key
from system_manager.language.byte_strings import sort_texts
from system_manager.language.call_depth import LEVELS, enter_level, leave_level, refuse_level
from system_manager.language.calls import (
    apply,
    binary,
    call,
    call2,
    call3,
    defer_apply,
    defer_attributes,
    defer_each,
    function_formals,
    make_builtin,
    unary,
)
from system_manager.language.coercion import (
    coerce_for_builder,
    coerce_to_string,
    join_strings,
    make_string,
    normalize_path,
    string_context,
    string_text,
)
from system_manager.language.comparison import equal, equal_in_level, is_derivation, less_than
from system_manager.language.describe import describe_value, quote_attribute_name
from system_manager.language.errors import EvaluationTypeError, MissingAttributeError, suggest_names
from system_manager.language.thunks import defer, force, restore_thunks
from system_manager.language.values import (
    Lazy,
    NixPath,
    StringWithContext,
    Value,
    describe_builtin,
    describe_lambda,
    is_function,
    type_name,
    type_of,
)

__all__ = [
    "Lazy",
    "NixPath",
    "StringWithContext",
    "Value",
    "add",
    "apply",
    "attribute_position",
    "binary",
    "call",
    "call2",
    "call3",
    "coerce_for_builder",
    "coerce_to_string",
    "concatenate_lists",
    "defer",
    "defer_apply",
    "defer_attributes",
    "defer_each",
    "describe_builtin",
    "describe_lambda",
    "describe_value",
    "divide",
    "enter_level",
    "equal",
    "equal_in_level",
    "force",
    "force_attributes",
    "force_binary",
    "force_bool",
    "force_deep",
    "force_float",
    "force_function",
    "force_integer",
    "force_list",
    "force_plain_string",
    "force_string",
    "force_unary",
    "forced_value",
    "function_formals",
    "is_derivation",
    "is_function",
    "join_strings",
    "key_with_place_of",
    "leave_level",
    "less_than",
    "make_builtin",
    "make_string",
    "multiply",
    "normalize_path",
    "own_key",
    "plain_key",
    "restore_thunks",
    "select",
    "sorted_names",
    "string_context",
    "string_text",
    "subtract",
    "type_name",
    "type_of",
    "unary",
    "update",
]


def _wrong_type(wanted: str, value: Value, what: str | None) -> EvaluationTypeError:
    message = f"expected {wanted} but found {type_name(value)}: {describe_value(value)}"
    return EvaluationTypeError(message, note=what)


def force_integer(value: Lazy, what: str | None = None) -> int:
    """Force an integer. ``what`` says what is being evaluated, for the error message."""
    if value.__class__ is not int:
        if value.__class__ is list:
            value = value[1] if value[0] is None else value[0](value)
        if value.__class__ is not int:
            raise _wrong_type("an integer", value, what)
    number: int = value
    return number


def force_float(value: Lazy, what: str | None = None) -> float:
    """Force a float; an integer is converted."""
    value = force(value)
    if value.__class__ is not float and value.__class__ is not int:
        raise _wrong_type("a float", value, what)
    return float(value)


def force_bool(value: Lazy, what: str | None = None) -> bool:
    """Force a Boolean."""
    if value is not True and value is not False:
        if value.__class__ is list:
            value = value[1] if value[0] is None else value[0](value)
        if value is not True and value is not False:
            raise _wrong_type("a Boolean", value, what)
    return value


def force_string(value: Lazy, what: str | None = None) -> str | StringWithContext:
    """Force a string, with or without context; nothing is coerced."""
    if value.__class__ is not str:
        value = force(value)
        if value.__class__ is not str and value.__class__ is not StringWithContext:
            raise _wrong_type("a string", value, what)
    string: str | StringWithContext = value
    return string


def force_plain_string(value: Lazy, what: str | None = None) -> str:
    """Force a string that must not have a context."""
    if value.__class__ is not str:
        value = force_string(value, what)
    if value.__class__ is StringWithContext:
        example = min(str(element) for element in value.context)
        raise EvaluationTypeError(
            f"the string '{value.text}' is not allowed to refer to a store path (such as '{example}')", note=what
        )
    text: str = value
    return text


def force_list(value: Lazy, what: str | None = None) -> tuple[Lazy, ...]:
    """Force a list; its elements stay lazy."""
    if value.__class__ is not tuple:
        if value.__class__ is list:
            value = value[1] if value[0] is None else value[0](value)
        if value.__class__ is not tuple:
            raise _wrong_type("a list", value, what)
    items: tuple[Lazy, ...] = value
    return items


def force_attributes(value: Lazy, what: str | None = None) -> dict[str, Lazy]:
    """Force an attribute set; its values stay lazy. The dict must not be changed."""
    if value.__class__ is not dict:
        if value.__class__ is list:
            value = value[1] if value[0] is None else value[0](value)
        if value.__class__ is not dict:
            raise _wrong_type("a set", value, what)
    attributes: dict[str, Lazy] = value
    return attributes


def force_function(value: Lazy, what: str | None = None) -> Value:
    """Force a function, or a set that can be called."""
    if value.__class__ is not FunctionType and value.__class__ is not MethodType:
        value = force(value)
        if not is_function(value) and not (value.__class__ is dict and "__functor" in value):
            raise _wrong_type("a function", value, what)
    return value


def force_unary(value: Lazy, what: str | None = None) -> Callable[[Lazy], Value]:
    """Force a function; how to call it with one argument."""
    if value.__class__ is FunctionType:
        plain: Callable[[Lazy], Value] = value
        return plain
    return unary(force_function(value, what))


def force_binary(value: Lazy, what: str | None = None) -> Callable[[Lazy, Lazy], Value]:
    """Force a function; how to call it with two arguments."""
    if value.__class__ is MethodType:
        plain: Callable[[Lazy, Lazy], Value] = value.__func__
        return plain
    return binary(force_function(value, what))


def forced_value(value: Lazy) -> tuple[bool, Value]:
    """Whether the value is known without evaluating anything, and the value if so."""
    if value.__class__ is not list:
        return True, value
    return value[0] is None, value[1] if value[0] is None else None


def force_deep(value: Lazy) -> Value:
    """Force the value and everything in it; sets and lists that contain themselves are fine.

    :raises StackOverflowError: for a value that is nested more deeply than Nix allows, such as one without an end.
    """
    opened, limit, level = LEVELS
    if opened > limit:
        refuse_level()
    LEVELS[0] = opened = opened + level
    result = value
    if result.__class__ is list:
        result = result[1] if result[0] is None else result[0](result)
    if not result or (result.__class__ is not dict and result.__class__ is not tuple):
        LEVELS[0] = opened - level
        return result
    if opened > limit:
        refuse_level()
    LEVELS[0] = opened = opened + level
    members = iter(result.values() if result.__class__ is dict else result)
    seen = {id(result)}
    around: list[Iterator[Lazy]] = []
    while True:
        for member in members:
            inner = member
            if inner.__class__ is list:
                inner = inner[1] if inner[0] is None else inner[0](inner)
            if (inner.__class__ is dict or inner.__class__ is tuple) and inner and id(inner) not in seen:
                if opened > limit:
                    refuse_level()
                LEVELS[0] = opened = opened + level
                seen.add(id(inner))
                around.append(members)
                members = iter(inner.values() if inner.__class__ is dict else inner)
                break
        else:
            LEVELS[0] = opened = opened - level
            if not around:
                LEVELS[0] = opened - level
                return result
            members = around.pop()


def select(attributes: Lazy, name: str) -> Value:
    """The forced value of an attribute."""
    attributes = force_attributes(attributes, "while selecting an attribute")
    try:
        value = attributes[name]
    except KeyError:
        raise missing_attribute(attributes, name) from None
    return force(value)


def missing_attribute(attributes: dict[str, Lazy], name: str) -> MissingAttributeError:
    """The error for an attribute that a set does not have."""
    shown = quote_attribute_name(name)
    return MissingAttributeError(f"attribute '{shown}' missing", suggestions=suggest_names(name, attributes))


def sorted_names(attributes: dict[str, Lazy]) -> list[str]:
    """The attribute names in the order of Nix, by their bytes."""
    return sort_texts(attributes)
