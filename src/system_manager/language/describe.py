"""Short texts of values for error messages: nothing is forced, and what is large or deep is left out."""

from __future__ import annotations

from system_manager.language.byte_strings import sort_texts
from system_manager.language.values import (
    Lazy,
    NixPath,
    StringWithContext,
    Value,
    describe_builtin,
    describe_lambda,
)

_MAX_DEPTH = 10
_MAX_ITEMS = 10
_MAX_CHARACTERS = 1024

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("${", "\\${"))
_KEYWORDS = frozenset({"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"})
_NAME_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME_REST = _NAME_START | frozenset("0123456789'-")


def quote_string(text: str) -> str:
    """The text as a string literal of the language."""
    for characters, escaped in _ESCAPES:
        text = text.replace(characters, escaped)
    return f'"{text}"'


def quote_attribute_name(name: str) -> str:
    """The name as it may stand in a set, in quotes where it needs them."""
    plain = bool(name) and name[0] in _NAME_START and name not in _KEYWORDS and _NAME_REST.issuperset(name)
    return name if plain else quote_string(name)


def format_float(number: float, style: str = "g") -> str:
    """A float as C's printf writes it: ``g`` as the language prints it, ``f`` as ``toString`` does."""
    import math  # noqa: PLC0415 -- for floats alone

    # Python drops the sign of NaN, C does not.
    sign = "-" if number != number and math.copysign(1, number) < 0 else ""  # noqa: PLR0124 -- only NaN differs from itself
    return f"{sign}{number:{style}}"


def describe_function(function: Value) -> str:
    """``«lambda f @ file:1:2»``, ``«primop map»`` or ``«partially applied primop map»``."""
    builtin = describe_builtin(function)
    if builtin:
        return f"«{'partially applied ' if builtin[1] else ''}primop {builtin[0].name}»"
    description = describe_lambda(function)
    if description is None:
        return "«lambda»"
    name = f"{description.name} " if description.name else ""
    return f"«lambda {name}@ {description.position}»"


def describe_value(value: Lazy, depth: int = 0) -> str:
    """The value as far as it is known; thunks that have not been forced are ``«thunk»``."""
    if value.__class__ is list:
        if value[0] is not None:
            return "«thunk»"
        value = value[1]
    kind = value.__class__
    if kind is tuple or kind is dict:
        if value and depth >= _MAX_DEPTH:
            return "[ … ]" if kind is tuple else "{ … }"
        return _describe_list(value, depth) if kind is tuple else _describe_set(value, depth)
    return _describe_scalar(value)


def _describe_scalar(value: Value) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    kind = value.__class__
    if kind is int:
        return str(value)
    if kind is float:
        return format_float(value)
    if kind is NixPath:
        return str(value.path)
    if kind is str or kind is StringWithContext:
        text = value if kind is str else value.text
        rest = len(text) - _MAX_CHARACTERS
        return quote_string(text[:_MAX_CHARACTERS]) + (f" «{rest} bytes elided»" if rest > 0 else "")
    return describe_function(value)


def _describe_list(items: tuple[Lazy, ...], depth: int) -> str:
    shown = [describe_value(item, depth + 1) for item in items[:_MAX_ITEMS]]
    shown += _elided(len(items) - _MAX_ITEMS, "item")
    return " ".join(["[", *shown, "]"])


def _describe_set(attributes: dict[str, Lazy], depth: int) -> str:
    if attributes.get("type") == "derivation":
        return "«derivation»"
    names = sort_texts(attributes)
    shown = [
        f"{quote_attribute_name(name)} = {describe_value(attributes[name], depth + 1)};" for name in names[:_MAX_ITEMS]
    ]
    shown += _elided(len(names) - _MAX_ITEMS, "attribute")
    return " ".join(["{", *shown, "}"])


def _elided(count: int, noun: str) -> list[str]:
    return [f"«{count} {noun}{'s' if count > 1 else ''} elided»"] if count > 0 else []
