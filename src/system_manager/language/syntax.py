"""The syntax tree: one class per construct of the language, each field stated once.

A node's ``position`` is the offset, in characters, of the token that Nix would name in an error message.
Nodes are plain data; the parser makes them and the compiler reads them. Two things are settled by the parser,
as the Nix grammar does: nested attribute paths (``a.b = 1; a.c = 2;``) are merged into attribute sets, and
indented strings have lost their indentation.
"""

from __future__ import annotations

import enum

from system_manager.base.enumerations import Enum
from system_manager.base.records import FIELDS, record
from system_manager.base.type_hints import Iterator


@record(eq=False)
class Expression:
    """Anything that can be evaluated."""

    position: int


@record(eq=False)
class Integer(Expression):
    """``42``; fits in 64 bits, signed."""

    value: int


@record(eq=False)
class Float(Expression):
    """``1.5e3``."""

    value: float


@record(eq=False)
class String(Expression):
    """A string without interpolation, or a bare URI."""

    text: str


@record(eq=False)
class Interpolation(Expression):
    """``"a${b}c"`` or its indented form: strings and expressions in order."""

    parts: tuple[str | Expression, ...]


@record(eq=False)
class PathLiteral(Expression):
    """``./a``, ``/a`` or ``~/a``, as written; resolved against the file's directory by the compiler."""

    text: str


@record(eq=False)
class PathInterpolation(Expression):
    """``./a/${b}.nix``: the first part is text and starts the path."""

    parts: tuple[str | Expression, ...]


@record(eq=False)
class SearchPath(Expression):
    """``<nixpkgs/lib>``; ``name`` is what stands between the angle brackets."""

    name: str


@record(eq=False)
class Variable(Expression):
    """A name, bound by ``let``, ``rec``, a function, a scope or ``with``."""

    name: str


@record(eq=False)
class CurrentPosition(Expression):
    """``__curPos``."""


@record(eq=False)
class Select(Expression):
    """``subject.a.${b} or default``. An attribute name is a string, or an expression that yields one."""

    subject: Expression
    path: tuple[str | Expression, ...]
    default: Expression | None


@record(eq=False)
class HasAttribute(Expression):
    """``subject ? a.${b}``."""

    subject: Expression
    path: tuple[str | Expression, ...]


@record(eq=False)
class Apply(Expression):
    """``function a b c``, with all arguments that stand in a row."""

    function: Expression
    arguments: tuple[Expression, ...]


@record(eq=False)
class Formal:
    """One ``name ? default`` in a function's attribute set pattern."""

    position: int
    name: str
    default: Expression | None


@record(eq=False)
class Formals:
    """``{ a, b ? 1, ... }``."""

    entries: tuple[Formal, ...]
    ellipsis: bool


@record(eq=False)
class Lambda(Expression):
    """``parameter: body``, ``{ formals }: body`` or ``parameter@{ formals }: body``."""

    parameter: str | None
    formals: Formals | None
    body: Expression


class AttributeKind(enum.Enum):
    """Where an attribute's expression is to be looked up."""

    PLAIN = enum.auto()  # name = value;
    INHERITED = enum.auto()  # inherit name; the value is a Variable of the enclosing scope
    INHERITED_FROM = enum.auto()  # inherit (source) name; the value is None, see Bindings.sources


@record(eq=False)
class Attribute:
    """One attribute whose name is known when parsing."""

    position: int
    kind: AttributeKind
    value: Expression | None
    source: int | None = None  # index into Bindings.sources for INHERITED_FROM


@record(eq=False)
class DynamicAttribute:
    """``${name} = value;``; left out when the name evaluates to null."""

    position: int
    name: Expression
    value: Expression


@record(eq=False)
class Bindings:
    """What stands between the braces of a set, or between ``let`` and ``in``.

    ``attributes`` are in the order of :mod:`~system_manager.language.symbols`. ``sources`` are the expressions of
    ``inherit (source) …``, evaluated at most once each, in the scope that the set's values see.
    """

    attributes: dict[str, Attribute]
    dynamic: list[DynamicAttribute]
    sources: list[Expression]


@record(eq=False)
class AttributeSet(Expression):
    """``{ … }`` or ``rec { … }``."""

    recursive: bool
    bindings: Bindings


@record(eq=False)
class ListLiteral(Expression):
    """``[ a b c ]``."""

    items: tuple[Expression, ...]


@record(eq=False)
class Let(Expression):
    """``let … in body``. The old ``let { …; body = x; }`` is parsed as ``rec { … }.body``."""

    bindings: Bindings
    body: Expression


@record(eq=False)
class With(Expression):
    """``with namespace; body``."""

    namespace: Expression
    body: Expression


@record(eq=False)
class If(Expression):
    """``if condition then consequence else alternative``."""

    condition: Expression
    consequence: Expression
    alternative: Expression


@record(eq=False)
class Assert(Expression):
    """``assert condition; body``."""

    condition: Expression
    body: Expression


@record(eq=False)
class Not(Expression):
    """``!operand``."""

    operand: Expression


@record(eq=False)
class Negate(Expression):
    """``-operand``."""

    operand: Expression


class Operator(Enum):
    """The binary operators, by how they are written. Pipe operators are parsed as :class:`Apply`."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    CONCATENATE = "++"
    UPDATE = "//"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    AND = "&&"
    OR = "||"
    IMPLIES = "->"


@record(eq=False)
class Binary(Expression):
    """``left operator right``; ``position`` is the operator's."""

    operator: Operator
    left: Expression
    right: Expression


_LEAVES = frozenset((Integer, Float, String, PathLiteral, SearchPath, Variable, CurrentPosition))


def walk(node: object) -> Iterator[object]:
    """All nodes of a syntax tree, in no particular order."""
    pending = [node]
    while pending:
        current = pending.pop()
        kind = current.__class__
        if kind in _LEAVES:
            yield current
        elif isinstance(current, (tuple, list)):
            pending += current
        elif isinstance(current, dict):
            pending += current.values()
        elif hasattr(kind, FIELDS):
            yield current
            pending += [getattr(current, name) for name in getattr(kind, FIELDS) if name != "position"]
