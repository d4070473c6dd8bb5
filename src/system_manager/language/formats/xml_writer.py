"""Values to XML, exactly as ``builtins.toXML`` and ``nix-instantiate --eval --xml`` print it."""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.language.call_depth import LEVELS, enter_level
from system_manager.language.describe import format_float
from system_manager.language.runtime import (
    Lazy,
    Value,
    attribute_position,
    describe_lambda,
    force,
    forced_value,
    is_derivation,
    sorted_names,
    string_context,
    string_text,
    type_of,
)
from system_manager.language.source import Position

_PROLOGUE = "<?xml version='1.0' encoding='utf-8'?>\n"

# A line end would be normalised to a space by an XML reader.
_ENTITIES = (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("\n", "&#xA;"))


def _escape(text: str) -> str:
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return text


def write_xml(value: Lazy, *, strict: bool, locations: bool) -> tuple[str, frozenset[object]]:
    """The value as an XML document, and the context of all strings in it.

    :param strict: evaluate what is not evaluated yet; otherwise it is written as ``<unevaluated />``.
    :param locations: say where attributes and functions were defined.
    """
    writer = _Writer(strict, locations)
    writer.open("expr", {})
    writer.write(value)
    writer.close("expr")
    lines = [f"{'  ' * depth}<{element}>\n" for depth, element in writer.elements]
    return _PROLOGUE + "".join(lines), frozenset(writer.context)


class _Writer:
    def __init__(self, strict: bool, locations: bool) -> None:
        self._strict = strict
        self._locations = locations
        self._depth = 0
        self._derivations: set[str] = set()
        # Indented at the end only: the indentation of deep values takes quadratic space.
        self.elements: list[tuple[int, str]] = []
        self.context: set[object] = set()

    def _element(self, name: str, attributes: Mapping[str, str], end: str) -> None:
        for key in sorted(attributes) if len(attributes) > 1 else attributes:
            name = f'{name} {key}="{_escape(attributes[key])}"'
        self.elements.append((self._depth, name + end))

    def open(self, name: str, attributes: Mapping[str, str]) -> None:
        self._element(name, attributes, "")
        self._depth += 1

    def close(self, name: str) -> None:
        self._depth -= 1
        self.elements.append((self._depth, f"/{name}"))

    def empty(self, element: str, /, **attributes: str) -> None:
        self._element(element, attributes, " /")

    def write(self, value: Lazy) -> None:
        enter_level()
        self._write(value)
        LEVELS[0] -= 1

    def _write(self, value: Lazy) -> None:
        if self._strict:
            value = force(value)
        else:
            known, value = forced_value(value)
            if not known:
                self.empty("unevaluated")
                return
        kind = type_of(value)
        if kind == "string":
            self.context |= string_context(value)
            self.empty("string", value=string_text(value))
        elif kind == "set":
            self._set(value)
        elif kind == "list":
            self._list(value)
        elif kind == "lambda":
            self._function(value)
        elif kind == "null":
            self.empty("null")
        else:
            self.empty(kind, value=_scalar(value, kind))

    def _list(self, items: Value) -> None:
        self.open("list", {})
        for item in items:
            self.write(item)
        self.close("list")

    def _set(self, attributes: Value) -> None:
        if not is_derivation(attributes):
            self.open("attrs", {})
            self._members(attributes)
            self.close("attrs")
            return
        paths: dict[str, str] = {}
        for name in ("drvPath", "outPath"):
            if name in attributes:
                known, path = (True, force(attributes[name])) if self._strict else forced_value(attributes[name])
                if known and type_of(path) == "string":
                    paths[name] = string_text(path)
        self.open("derivation", paths)
        derivation = paths.get("drvPath", "")
        if derivation and derivation not in self._derivations:
            self._derivations.add(derivation)
            self._members(attributes)
        else:
            self.empty("repeated")
        self.close("derivation")

    def _members(self, attributes: Value) -> None:
        for name in sorted_names(attributes):
            position = attribute_position(attributes, name) if self._locations else None
            self.open("attr", {"name": name, **_location(position)})
            self.write(attributes[name])
            self.close("attr")

    def _function(self, function: Value) -> None:
        description = describe_lambda(function)
        if description is None:
            self.empty("unevaluated")
            return
        self.open("function", _location(description.position) if self._locations else {})
        if description.formals is None:
            self.empty("varpat", name=description.parameter or "")
        else:
            pattern = {"name": description.parameter} if description.parameter else {}
            if description.ellipsis:
                pattern["ellipsis"] = "1"
            self.open("attrspat", pattern)
            for name in sorted([formal.name for formal in description.formals]):
                self.empty("attr", name=name)
            self.close("attrspat")
        self.close("function")


def _scalar(value: Value, kind: str) -> str:
    if kind == "bool":
        return "true" if value else "false"
    if kind == "float":
        return format_float(value)
    return str(value.path) if kind == "path" else str(value)


def _location(position: Position | None) -> dict[str, str]:
    if position is None:
        return {}
    location = {"line": str(position.line), "column": str(position.column)}
    if position.source.name.startswith("/"):
        location["path"] = position.source.name
    return location
