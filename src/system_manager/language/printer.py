"""Values as text of the language, as the command-line tools print them."""

from __future__ import annotations

from system_manager.base.type_hints import Callable
from system_manager.language.describe import describe_function, format_float, quote_attribute_name, quote_string
from system_manager.language.runtime import (
    Lazy,
    Value,
    describe_builtin,
    force,
    force_deep,
    forced_value,
    sorted_names,
    string_text,
    type_of,
)

_REPEATED = "«repeated»"


def print_value(value: Lazy, *, strict: bool = False) -> str:
    """The value as ``nix-instantiate --eval`` prints it, without a line end.

    :param strict: evaluate everything first; otherwise what is not evaluated is printed as ``<CODE>``.
    """
    value = force_deep(value) if strict else force(value)
    return "".join(_Printer(thunk="<CODE>", functions=_function_word).print(value))


def has_members(value: Value) -> bool:
    """Whether how the value prints depends on how far the members of a list or set are evaluated."""
    return type_of(value) in ("list", "set") and bool(value)


def show_value(value: Lazy) -> str:
    """The value as ``builtins.trace`` shows it: nothing is evaluated for it, functions come with their places."""
    return "".join(_Printer(thunk="«thunk»", functions=describe_function).print(value))


def _function_word(function: Value) -> str:
    builtin = describe_builtin(function)
    if builtin is None:
        return "<LAMBDA>"
    return "<PRIMOP-APP>" if builtin[1] else "<PRIMOP>"


class _Printer:
    """Prints with a stack of its own, so that values may be nested to any depth.

    A set or list that has been printed before is printed as ``«repeated»``. Lists are told apart by the place that
    holds them, as in C++ Nix: two thunks with the same result are two lists.
    """

    def __init__(self, *, thunk: str, functions: Callable[[Value], str]) -> None:
        self._thunk = thunk
        self._functions = functions
        self._seen: set[int] = set()

    def print(self, value: Lazy) -> list[str]:
        parts: list[str] = []
        # Texts to print as they are, and values still to print.
        pending: list[tuple[bool, Lazy]] = [(False, value)]
        while pending:
            is_text, item = pending.pop()
            if is_text:
                parts.append(item)
                continue
            known, content = forced_value(item)
            kind = type_of(content) if known else "thunk"
            if kind == "thunk":
                parts.append(self._thunk)
            elif kind in ("set", "list"):
                identity = id(content if kind == "set" else item)
                if content and identity in self._seen:
                    parts.append(_REPEATED)
                else:
                    self._seen.add(identity)
                    parts.append("{ " if kind == "set" else "[ ")
                    pending += reversed(_members(content, kind))
            else:
                parts.append(self._scalar(content, kind))
        return parts

    def _scalar(self, value: Value, kind: str) -> str:
        match kind:
            case "string":
                return quote_string(string_text(value))
            case "int":
                return str(value)
            case "float":
                return format_float(value)
            case "bool":
                return "true" if value else "false"
            case "null":
                return "null"
            case "path":
                return str(value.path)
        return self._functions(value)


def _members(content: Value, kind: str) -> list[tuple[bool, Lazy]]:
    members: list[tuple[bool, Lazy]] = []
    if kind == "set":
        for name in sorted_names(content):
            members += ((True, f"{quote_attribute_name(name)} = "), (False, content[name]), (True, "; "))
        members.append((True, "}"))
    else:
        for item in content:
            members += ((False, item), (True, " "))
        members.append((True, "]"))
    return members
