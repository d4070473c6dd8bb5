"""Values as people want to read them: over several lines, in colour, and evaluated while they are printed.

What fails inside a set or list is shown at its place, and does not keep the rest from being seen.
"""

from __future__ import annotations

import sys

from system_manager.base.type_hints import Sequence
from system_manager.cli.text import styled
from system_manager.language.describe import describe_function, format_float, quote_attribute_name, quote_string
from system_manager.language.errors import InternalError, StackOverflowError
from system_manager.language.explain import explain
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    force,
    is_derivation,
    restore_thunks,
    sorted_names,
    string_text,
    type_of,
)

_INDENT = "  "
_MAXIMUM_DEPTH = 10_000


def value_text(value: Lazy, *, depth: int | None, coloured: bool) -> str:
    """The value as ``nix repl`` shows it; inside an evaluation only.

    :param depth: how many levels of sets and lists are shown; None for all.
    :raises StackOverflowError: for a value without end.
    """
    printer = _Printer(sys.maxsize if depth is None else depth, coloured)
    printer.print(value, 0)
    return "".join(part if isinstance(part, str) else f"\n{_INDENT * part}" for part in printer.parts)


class _Printer:
    def __init__(self, limit: int, coloured: bool) -> None:
        # A number is a new line with that many levels of indentation: much less than its spaces in deep values.
        self.parts: list[str | int] = []
        self._limit = limit
        self._coloured = coloured
        # By identity; the values are kept so that no other gets the same one.
        self._seen: dict[int, Lazy] = {}

    def print(self, item: Lazy, level: int) -> None:
        """Print a value that is ``level`` sets and lists deep; 0 raises what goes wrong."""
        if level > _MAXIMUM_DEPTH:
            raise StackOverflowError("stack overflow; max-call-depth exceeded")
        try:
            value = force(item)
            kind = type_of(value)
            if kind == "set":
                self._set(value, level)
            elif kind == "list":
                self._list(value, item, level)
            else:
                self._scalar(value, kind)
        except (StackOverflowError, InternalError):
            raise  # explained once, where it is caught, not at each of thousands of levels
        except Exception as error:
            if level == 0:
                raise
            restore_thunks(error)
            explained = explain(error)
            if isinstance(explained, StackOverflowError | InternalError):
                raise explained from error
            self._write(f"«error: {explained.what}»", "red")

    def _write(self, text: str, colour: str | None = None) -> None:
        self.parts.append(styled(text, colour if self._coloured else None))

    def _scalar(self, value: Value, kind: str) -> None:
        match kind:
            case "string":
                self._write(quote_string(string_text(value)), "magenta")
            case "int":
                self._write(str(value), "cyan")
            case "float":
                self._write(format_float(value), "cyan")
            case "bool":
                self._write("true" if value else "false", "cyan")
            case "null":
                self._write("null", "cyan")
            case "path":
                self._write(str(value.path), "green")
            case _:
                self._write(describe_function(value), "blue")

    def _set(self, attributes: dict[str, Lazy], level: int) -> None:
        if self._is_repeated(attributes, attributes):
            return
        if is_derivation(attributes):
            self._write(_derivation_text(attributes), "green")
        elif level >= self._limit:
            self._write("{ ... }")
        else:
            names = sorted_names(attributes)
            spread = _is_spread([attributes[name] for name in names])
            self._write("{")
            for name in names:
                self.parts.append(level + 1 if spread else " ")
                self._write(f"{quote_attribute_name(name)} = ")
                self.print(attributes[name], level + 1)
                self._write(";")
            self.parts.append(level if spread else " ")
            self._write("}")

    def _list(self, items: tuple[Lazy, ...], place: Lazy, level: int) -> None:
        # Lists are told apart by what holds them: two thunks with the same result are two lists.
        if self._is_repeated(items, place):
            return
        if level >= self._limit:
            self._write("[ ... ]")
        else:
            spread = _is_spread(items)
            self._write("[")
            for item in items:
                self.parts.append(level + 1 if spread else " ")
                self.print(item, level + 1)
            self.parts.append(level if spread else " ")
            self._write("]")

    def _is_repeated(self, content: Value, identity: Lazy) -> bool:
        if id(identity) in self._seen and content:
            self._write("«repeated»", "magenta")
            return True
        self._seen[id(identity)] = identity
        return False


def _is_spread(items: Sequence[Lazy]) -> bool:
    """Whether every member gets a line of its own."""
    return len(items) > 1 or (len(items) == 1 and _is_compound(items[0]))


def _is_compound(item: Lazy) -> bool:
    try:
        return type_of(force(item)) in ("set", "list")
    except Exception as error:  # it is printed next, which says what is wrong
        restore_thunks(error)
        return False


def _derivation_text(attributes: dict[str, Lazy]) -> str:
    if "drvPath" not in attributes:
        return "«derivation»"
    what = "while evaluating the drvPath of a derivation"
    path = coerce_to_string(attributes["drvPath"], copy_to_store=False, coerce_more=False, what=what)
    return f"«derivation {string_text(path)}»"
