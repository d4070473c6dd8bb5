"""From a program's value to the one that was asked for: ``--arg``, ``-A`` and automatic calls.

As ``nix-instantiate`` does: a function on the way is called with those of the given arguments that it takes.
"""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.language.errors import EvaluationError, suggest_names
from system_manager.language.runtime import (
    Lazy,
    Value,
    apply,
    describe_lambda,
    force,
    function_formals,
    is_function,
    type_name,
    type_of,
)


class SelectionError(EvaluationError):
    """The value has no part of this name."""


def parse_attribute_path(text: str) -> tuple[str, ...]:
    """Split ``a.b."c.d"``: names between dots, in quotes where they hold dots themselves."""
    names: list[str] = []
    current = ""
    offset = 0
    while offset < len(text):
        character = text[offset]
        if character == ".":
            names.append(current)
            current = ""
        elif character == '"':
            end = text.find('"', offset + 1)
            if end < 0:
                raise SelectionError(f"missing closing quote in selection path '{text}'")
            current += text[offset + 1 : end]
            offset = end
        else:
            current += character
        offset += 1
    if current:
        names.append(current)
    return tuple(names)


def call_automatically(value: Lazy, arguments: Mapping[str, Lazy]) -> Value:
    """Call a function whose arguments all have values; give back everything else as it is."""
    value = force(value)
    if type_of(value) == "set" and "__functor" in value:
        return call_automatically(apply(value["__functor"], value), arguments)
    if not is_function(value):
        return value
    formals = function_formals(value)
    if formals is None:
        return value
    taken = arguments if _takes_any(value) else formals
    chosen = {name: arguments[name] for name in taken if name in arguments}
    for name, has_default in formals.items():
        if not has_default and name not in chosen:
            raise EvaluationError(
                f"cannot evaluate a function that has an argument without a value ('{name}')",
                hint=f"pass it with --arg {name} EXPR or --argstr {name} TEXT",
            )
    return apply(value, chosen)


def _takes_any(function: Value) -> bool:
    description = describe_lambda(function)
    return description is not None and description.ellipsis


def select_along(value: Lazy, path: tuple[str, ...], arguments: Mapping[str, Lazy]) -> Value:
    """The part at an attribute path, functions on the way called; numbers are indices of lists."""
    shown = ".".join(path)
    for name in path:
        value = call_automatically(value, arguments)
        select = _element if name.isdecimal() else _attribute
        value = select(value, name, shown)
    return force(value)


def _element(value: Value, name: str, shown: str) -> Lazy:
    if type_of(value) != "list":
        raise SelectionError(
            f"the expression selected by the selection path '{shown}' should be a list but is {type_name(value)}"
        )
    index = int(name)
    if index >= len(value):
        raise SelectionError(f"list index {index} in selection path '{shown}' is out of range")
    return value[index]


def _attribute(value: Value, name: str, shown: str) -> Lazy:
    if type_of(value) != "set":
        raise SelectionError(
            f"the expression selected by the selection path '{shown}' should be a set but is {type_name(value)}"
        )
    if not name:
        raise SelectionError(f"empty attribute name in selection path '{shown}'")
    if name not in value:
        raise SelectionError(
            f"attribute '{name}' in selection path '{shown}' not found", suggestions=suggest_names(name, value)
        )
    return value[name]
