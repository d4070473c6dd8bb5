"""What is known about a value: a builtin's documentation, or the ``/** … */`` comment of a function or attribute."""

from __future__ import annotations

import inspect
import re

from system_manager.base.type_hints import Mapping
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value, describe_builtin, describe_lambda, is_function
from system_manager.language.source import Position

# What may stand between the comment of an attribute and the function that is its value.
_NAME_AND_PARENTHESES = re.compile(r"(?:[\w.'\"-]+\s*=\s*)?[\s(]*\Z")


class UndocumentedError(EvaluationError):
    """Nobody has written anything about the value."""


def describe(value: Value, builtins: Mapping[str, Builtin], attribute: tuple[str, Position | None] | None) -> str:
    """The documentation of a value, as Markdown.

    :param attribute: the name and the place of the attribute that the value was taken from.
    :raises UndocumentedError: if there is none.
    """
    if is_function(value):
        builtin = describe_builtin(value)
        if builtin is not None and builtin[0].name in builtins:
            return _describe_builtin(builtins[builtin[0].name])
        function = describe_lambda(value)
        if function is not None:
            name, position = function.name, function.position
            return _describe_place(f"Function `{name}`" if name else "Function", position)
    if attribute is not None and attribute[1] is not None:
        return _describe_place(f"Attribute `{attribute[0]}`", attribute[1])
    raise UndocumentedError("value does not have documentation")


def documented_arguments(builtin: Builtin) -> list[str]:
    """The names of a builtin's arguments, for people."""
    return [name.strip("_") for name in inspect.signature(builtin.function).parameters]


def _describe_builtin(builtin: Builtin) -> str:
    arguments = " ".join(f"*{name}*" for name in documented_arguments(builtin))
    return f"**Synopsis:** `builtins.{builtin.name}` {arguments}\n\n{builtin.documentation}"


def _describe_place(heading: str, position: Position) -> str:
    comment = documentation_comment(position) or "No documentation found."
    return f"{heading}\n\n  … defined at {position}\n\n{comment}"


def documentation_comment(position: Position) -> str | None:
    """The text of the ``/** … */`` that stands before a function or an attribute, without indentation."""
    before = position.source.text[: position.offset]
    for end in (len(before), _start_of_attribute(before)):
        head = before[:end].rstrip()
        start = head.rfind("/*")
        if head.endswith("*/") and head.startswith("/**", start) and len(head) - start > len("/***/"):
            return inspect.cleandoc(head[start + len("/**") : -len("*/")])
    return None


def _start_of_attribute(before: str) -> int:
    line = before.rfind("\n", 0, max(0, len(before.rstrip(" \t\n("))))
    match = _NAME_AND_PARENTHESES.search(before, line + 1)
    return match.start() if match else len(before)


def place_of(attributes: dict[str, Lazy], name: str) -> Position | None:
    """Where an attribute was written down, if that is known."""
    from system_manager.language.runtime import attribute_position

    position = attribute_position(attributes, name)
    return position if isinstance(position, Position) else None
