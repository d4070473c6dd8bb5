"""The syntax tree as text, exactly as ``nix-instantiate --parse`` of Nix 2.26 prints it.

Every parenthesis is written, attributes are sorted, ``inherit`` comes first, and what Nix turns into calls of
builtins while parsing (``a - b``, ``a < b``, ``-a``, ``<a>``) is printed as those calls. Paths are absolute. The text
shows the tree; it is not always the same program, since interpolation is printed as a sum, as Nix does.
"""

from __future__ import annotations

import re

from system_manager.base.type_hints import Any, Callable, Final, Iterable
from system_manager.language.recursion import SYNTAX_FRAMES, recursion_allowed
from system_manager.language.source import resolve_path
from system_manager.language.syntax import (
    Apply,
    Assert,
    AttributeKind,
    AttributeSet,
    Binary,
    Bindings,
    CurrentPosition,
    Expression,
    Float,
    Formals,
    HasAttribute,
    If,
    Integer,
    Interpolation,
    Lambda,
    Let,
    ListLiteral,
    Negate,
    Not,
    Operator,
    PathInterpolation,
    PathLiteral,
    SearchPath,
    Select,
    String,
    Variable,
    With,
)
from system_manager.language.tokens import KEYWORDS

_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*")
_RESERVED: Final = frozenset(KEYWORDS) - {"or"}
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "\\${"}
_ESCAPED = re.compile(r'["\\\n\r\t]|\$\{')
_CALLED: Final = {
    Operator.SUBTRACT: "__sub",
    Operator.MULTIPLY: "__mul",
    Operator.DIVIDE: "__div",
    Operator.LESS: "__lessThan",
    Operator.GREATER: "__lessThan",
}


def print_syntax(expression: Expression, *, directory: str, home: str) -> str:
    """The whole tree as text, without a line end.

    :param directory: absolute; what relative path literals start from.
    :param home: absolute; what ``~/`` stands for.
    """
    printer = _Printer(directory, home)
    with recursion_allowed(SYNTAX_FRAMES):
        printer.show(expression)
    return "".join(printer.pieces)


def print_string(text: str) -> str:
    """A string literal."""
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text) + '"'


def print_identifier(name: str) -> str:
    """A variable's or attribute's name, quoted where it has to be."""
    if name in _RESERVED:
        return f'"{name}"'
    return name if _IDENTIFIER.fullmatch(name) else print_string(name)


class _Printer:
    def __init__(self, directory: str, home: str) -> None:
        self.directory = directory
        self.home = home
        self.pieces: list[str] = []
        self.write = self.pieces.append

    def show(self, node: Expression) -> None:
        _SHOW[type(node)](self, node)

    def show_string(self, node: String) -> None:
        self.write(print_string(node.text))

    def show_interpolation(self, node: Interpolation) -> None:
        self._sum(node.parts, print_string)

    def show_path(self, node: PathLiteral) -> None:
        self.write(resolve_path(node.text, self.directory, self.home))

    def show_path_interpolation(self, node: PathInterpolation) -> None:
        start = node.parts[0]
        assert isinstance(start, str)
        path = resolve_path(start, self.directory, self.home)
        self.write(f"({path}/" if start.endswith("/") and not path.endswith("/") else f"({path}")
        self.write(" + ")
        self._sum(node.parts[1:], print_string, opening="")

    def show_search_path(self, node: SearchPath) -> None:
        self._call(node, ())

    def show_select(self, node: Select) -> None:
        self.write("(")
        self.show(node.subject)
        self.write(").")
        self._attribute_path(node.path)
        if node.default is not None:
            self.write(" or (")
            self.show(node.default)
            self.write(")")

    def show_has_attribute(self, node: HasAttribute) -> None:
        self.write("((")
        self.show(node.subject)
        self.write(") ? ")
        self._attribute_path(node.path)
        self.write(")")

    def show_apply(self, node: Apply) -> None:
        self._call(node.function, node.arguments)

    def show_lambda(self, node: Lambda) -> None:
        self.write("(")
        if node.formals is not None:
            self._formals(node.formals)
            if node.parameter is not None:
                self.write(" @ ")
        if node.parameter is not None:
            self.write(print_identifier(node.parameter))
        self.write(": ")
        self.show(node.body)
        self.write(")")

    def show_attribute_set(self, node: AttributeSet) -> None:
        self.write("rec { " if node.recursive else "{ ")
        self._bindings(node.bindings)
        self.write("}")

    def show_list(self, node: ListLiteral) -> None:
        self.write("[ ")
        for item in node.items:
            self.write("(")
            self.show(item)
            self.write(") ")
        self.write("]")

    def show_let(self, node: Let) -> None:
        self.write("(let ")
        self._bindings(node.bindings)
        self.write("in ")
        self.show(node.body)
        self.write(")")

    def show_with(self, node: With) -> None:
        self.write("(with ")
        self.show(node.namespace)
        self.write("; ")
        self.show(node.body)
        self.write(")")

    def show_if(self, node: If) -> None:
        self.write("(if ")
        self.show(node.condition)
        self.write(" then ")
        self.show(node.consequence)
        self.write(" else ")
        self.show(node.alternative)
        self.write(")")

    def show_assert(self, node: Assert) -> None:
        self.write("assert ")
        self.show(node.condition)
        self.write("; ")
        self.show(node.body)

    def show_not(self, node: Not) -> None:
        self.write("(! ")
        self.show(node.operand)
        self.write(")")

    def show_binary(self, node: Binary) -> None:
        operator = node.operator
        if operator in _CALLED:
            self._call(node, ())
        elif operator is Operator.LESS_OR_EQUAL or operator is Operator.GREATER_OR_EQUAL:
            mirrored = operator is Operator.LESS_OR_EQUAL
            self.write("(! ")
            self._builtin_call("__lessThan", *((node.right, node.left) if mirrored else (node.left, node.right)))
            self.write(")")
        else:
            self.write("(")
            self.show(node.left)
            self.write(f" {operator.value} ")
            self.show(node.right)
            self.write(")")

    # Pieces of nodes

    def _call(self, function: Expression, arguments: tuple[Expression, ...]) -> None:
        """An application; Nix adds arguments to whatever became a call already, an operator's included."""
        if isinstance(function, Negate):
            self._builtin_call("__sub", Integer(function.position, 0), function.operand, *arguments)
        elif isinstance(function, SearchPath):
            path = String(function.position, function.name)
            self._builtin_call("__findFile", Variable(function.position, "__nixPath"), path, *arguments)
        elif isinstance(function, Binary) and function.operator is Operator.GREATER:
            self._builtin_call("__lessThan", function.right, function.left, *arguments)
        elif isinstance(function, Binary) and function.operator in _CALLED:
            self._builtin_call(_CALLED[function.operator], function.left, function.right, *arguments)
        else:
            self.write("(")
            self.show(function)
            self._arguments(arguments)

    def _builtin_call(self, name: str, *arguments: Expression) -> None:
        self.write(f"({name}")
        self._arguments(arguments)

    def _arguments(self, arguments: Iterable[Expression]) -> None:
        for argument in arguments:
            self.write(" ")
            self.show(argument)
        self.write(")")

    def _sum(self, parts: tuple[str | Expression, ...], print_text: Callable[[str], str], opening: str = "(") -> None:
        self.write(opening)
        for index, part in enumerate(parts):
            if index:
                self.write(" + ")
            if isinstance(part, str):
                self.write(print_text(part))
            else:
                self.show(part)
        self.write(")")

    def _attribute_path(self, path: tuple[str | Expression, ...]) -> None:
        for index, name in enumerate(path):
            if index:
                self.write(".")
            if isinstance(name, str):
                self.write(print_identifier(name))
            else:
                self._dynamic_name(name)

    def _dynamic_name(self, name: Expression) -> None:
        self.write('"${')
        self.show(name)
        self.write('}"')

    def _bindings(self, bindings: Bindings) -> None:
        attributes = [(name, bindings.attributes[name]) for name in sorted(bindings.attributes, key=_byte_order)]
        self._inherit(name for name, attribute in attributes if attribute.kind is AttributeKind.INHERITED)
        for index, source in enumerate(bindings.sources):
            self._inherit((name for name, attribute in attributes if attribute.source == index), source)
        for name, attribute in attributes:
            if attribute.kind is AttributeKind.PLAIN and attribute.value is not None:
                self.write(f"{print_identifier(name)} = ")
                self.show(attribute.value)
                self.write("; ")
        for dynamic in bindings.dynamic:
            self._dynamic_name(dynamic.name)
            self.write(" = ")
            self.show(dynamic.value)
            self.write("; ")

    def _inherit(self, names: Iterable[str], source: Expression | None = None) -> None:
        shown = [print_identifier(name) for name in names]
        if not shown:
            return
        self.write("inherit ")
        if source is not None:
            self.write("(")
            self.show(source)
            self.write(") ")
        self.write(" ".join(shown) + "; ")

    def _formals(self, formals: Formals) -> None:
        self.write("{ ")
        for index, formal in enumerate(sorted(formals.entries, key=lambda entry: entry.name)):
            self.write(", " if index else "")
            self.write(print_identifier(formal.name))
            if formal.default is not None:
                self.write(" ? ")
                self.show(formal.default)
        if formals.ellipsis:
            self.write(", ..." if formals.entries else "...")
        self.write(" }")


def _byte_order(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


_SHOW: Final[dict[type[Expression], Callable[[_Printer, Any], None]]] = {
    Integer: lambda printer, node: printer.write(str(node.value)),
    Float: lambda printer, node: printer.write(f"{node.value:g}"),
    String: _Printer.show_string,
    Interpolation: _Printer.show_interpolation,
    PathLiteral: _Printer.show_path,
    PathInterpolation: _Printer.show_path_interpolation,
    SearchPath: _Printer.show_search_path,
    Variable: lambda printer, node: printer.write(print_identifier(node.name)),
    CurrentPosition: lambda printer, _: printer.write("__curPos"),
    Select: _Printer.show_select,
    HasAttribute: _Printer.show_has_attribute,
    Apply: _Printer.show_apply,
    Lambda: _Printer.show_lambda,
    AttributeSet: _Printer.show_attribute_set,
    ListLiteral: _Printer.show_list,
    Let: _Printer.show_let,
    With: _Printer.show_with,
    If: _Printer.show_if,
    Assert: _Printer.show_assert,
    Not: _Printer.show_not,
    Negate: lambda printer, node: printer._call(node, ()),
    Binary: _Printer.show_binary,
}
