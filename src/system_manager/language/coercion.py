"""Turning values into strings, and strings with contexts."""

from __future__ import annotations

from system_manager.language.byte_strings import rejoin
from system_manager.language.call_depth import LEVELS, refuse_level
from system_manager.language.calls import call
from system_manager.language.describe import describe_value, format_float
from system_manager.language.effects import current_effects
from system_manager.language.errors import EvaluationError, EvaluationTypeError
from system_manager.language.thunks import force
from system_manager.language.values import Lazy, NixPath, StringWithContext, Value, type_name, type_of

NO_CONTEXT: frozenset[object] = frozenset()


def make_string(text: str, context: frozenset[object]) -> Value:
    """A string value; a plain ``str`` when there is no context."""
    return StringWithContext(text, context) if context else text


def string_text(string: Value) -> str:
    """The characters of a string value."""
    text: str = string if string.__class__ is str else string.text
    return text


def string_context(string: Value) -> frozenset[object]:
    """The context of a string value."""
    return string.context if string.__class__ is StringWithContext else NO_CONTEXT


def join_strings(separator: Value, strings: list[Value]) -> Value:
    """The string values with the separator between them, and all their contexts."""
    try:
        text = separator.join(strings)
    except (TypeError, AttributeError):
        text = string_text(separator).join([string_text(string) for string in strings])
        contexts = [string.context for string in (separator, *strings) if string.__class__ is StringWithContext]
        return make_string(text if text.isascii() else rejoin(text), NO_CONTEXT.union(*contexts))
    return text if text.isascii() else rejoin(text)


def coerce_to_string(
    value: Lazy, *, copy_to_store: bool, coerce_more: bool, what: str | None = None
) -> str | StringWithContext:
    """The value as a string, by the rules of interpolation or of ``toString``.

    :param copy_to_store: a path becomes the store path of its copy, instead of its own text.
    :param coerce_more: also accept null, Booleans, numbers, and lists of what is accepted.
    :param what: what was being evaluated, for the error message.
    """
    if LEVELS[0] > LEVELS[1]:
        refuse_level()
    if value.__class__ is list and value[0] is None:
        value = value[1]
    if value.__class__ is str or value.__class__ is StringWithContext:
        known: str | StringWithContext = value
        return known
    LEVELS[0] += 1
    string = _coerced(value, copy_to_store, coerce_more, what)
    LEVELS[0] -= 1
    return string


def _coerced(value: Lazy, copy_to_store: bool, coerce_more: bool, what: str | None) -> str | StringWithContext:
    """The value as a string, in a level that is open already."""
    kind = value.__class__
    if kind is list:
        value = value[1] if value[0] is None else value[0](value)
        kind = value.__class__
    if kind is str or kind is StringWithContext:
        string: str | StringWithContext = value
        return string
    if kind is int and coerce_more:
        return str(value)
    if kind is NixPath:
        return current_effects().copy_to_store(value.path) if copy_to_store else str(value.path)
    if kind is dict:
        if "__toString" in value:
            result = call(force(value["__toString"]), value)
            return coerce_to_string(result, copy_to_store=copy_to_store, coerce_more=coerce_more, what=what)
        if "outPath" in value:
            path = value["outPath"]
            if path.__class__ is list and path[0] is None:
                path = path[1]
            # Of a derivation, most of all: no further call, but the level that it would be.
            if path.__class__ is StringWithContext and LEVELS[0] <= LEVELS[1]:
                derivation: StringWithContext = path
                return derivation
            return coerce_to_string(path, copy_to_store=copy_to_store, coerce_more=coerce_more, what=what)
    elif coerce_more:
        if kind is tuple:
            return _coerce_list(value, copy_to_store)
        text = _coerce_scalar(value)
        if text is not None:
            return text
    raise EvaluationTypeError(f"cannot coerce {type_name(value)} to a string: {describe_value(value)}", note=what)


def coerce_for_builder(value: Lazy, context: set[object], what: str | None = None) -> str:
    """The text of a value as a builder gets it, with paths copied to the store; its context is put into ``context``."""
    string = value
    if string.__class__ is not str:
        string = coerce_to_string(value, copy_to_store=True, coerce_more=True, what=what)
        if string.__class__ is StringWithContext:
            context |= string.context
            string = string.text
    text: str = string
    return text


def _coerce_scalar(value: Value) -> str | None:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if value.__class__ is int:
        return str(value)
    return format_float(value, "f") if value.__class__ is float else None


def _coerce_list(items: tuple[Lazy, ...], copy_to_store: bool) -> str | StringWithContext:
    parts: list[str] = []
    contexts: list[frozenset[object]] = []
    last = len(items) - 1
    if items:
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        LEVELS[0] += 1
    what = "while evaluating one element of the list"
    for index, lazy in enumerate(items):
        item = lazy
        if item.__class__ is list:
            item = item[1] if item[0] is None else item[0](item)
        string = item
        if string.__class__ is not str:
            string = _coerced(item, copy_to_store, True, what)
            if string.__class__ is StringWithContext:
                contexts.append(string.context)
                string = string.text
        parts.append(string)
        # An empty list inside leaves no gap, unlike any other empty element.
        if index < last and (item or item.__class__ is not tuple):
            parts.append(" ")
    if items:
        LEVELS[0] -= 1
    text = "".join(parts)
    result: str | StringWithContext = make_string(
        text if text.isascii() else rejoin(text), NO_CONTEXT.union(*contexts) if contexts else NO_CONTEXT
    )
    return result


def interpolate(value: Lazy) -> Value:
    """One ``${…}`` of a string."""
    return coerce_to_string(value, copy_to_store=True, coerce_more=False, what="while evaluating a path segment")


def concatenate(*parts: Value) -> Value:
    """The strings of an interpolation, already coerced, in one."""
    try:
        text = "".join(parts)
    except TypeError:
        return join_strings("", list(parts))
    return text if text.isascii() else rejoin(text)


def interpolate_path(first: Value, *parts: Lazy) -> NixPath:
    """A path literal with ``${…}`` in it. ``first`` is its text as far as the first ``${``."""
    text = [first]
    for part in parts:
        string = coerce_to_string(part, copy_to_store=False, coerce_more=False, what="while evaluating a path segment")
        if string.__class__ is StringWithContext:
            raise EvaluationError("a string that refers to a store path cannot be appended to a path")
        text.append(string)
    return NixPath(normalize_path("".join(text)))


def normalize_path(path: str) -> str:
    """The absolute path without ``.``, ``..`` and doubled slashes; symbolic links are not followed."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)


def add_texts(left: Value, right: Lazy) -> Value:
    """``left + right`` where ``left`` is not a number: paths and everything that coerces to a string."""
    kind = left.__class__
    if kind is NixPath:
        what = "while evaluating a path segment"
        string = coerce_to_string(right, copy_to_store=False, coerce_more=False, what=what)
        if string.__class__ is StringWithContext:
            raise EvaluationError("a string that refers to a store path cannot be appended to a path")
        return NixPath(normalize_path(left.path + string))
    # Only a string on the left makes a path on the right a store path.
    copy = type_of(left) == "string"
    what = "while evaluating a path segment"
    first = coerce_to_string(left, copy_to_store=copy, coerce_more=False, what=what)
    second = coerce_to_string(right, copy_to_store=copy, coerce_more=False, what=what)
    return join_strings("", [first, second])
