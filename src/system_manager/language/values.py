"""How values of the language are represented in Python.

============================  =============================================================================
Nix                           Python
============================  =============================================================================
integer, float, Boolean       ``int`` (the runtime keeps it within 64 bits), ``float``, ``bool``
null                          ``None``
string                        ``str``; with a context :class:`StringWithContext`
path                          :class:`NixPath`
list                          ``tuple``
attribute set                 ``dict`` with ``str`` keys, in any order
function                      a plain Python function of one argument; one of two arguments is wrapped in
                              ``MethodType(function, 0)`` so that it can be told apart and called at once, one of
                              more in ``MethodType(…, function)``, see :mod:`.partial_application`
thunk                         ``list``: ``[code, environment]``; ``[None, value]`` once forced
============================  =============================================================================

Elements of lists and values of sets may be thunks; what is neither is in weak head normal form. Only this module,
``runtime`` (with its parts) and the compiler know these representations; the rest of the program uses names.
"""

from __future__ import annotations

from types import CodeType, FunctionType, MethodType

from system_manager.base.records import record
from system_manager.base.type_hints import Any, Callable, Protocol, TypeAlias
from system_manager.language.partial_application import partial_function
from system_manager.language.source import Position

Value: TypeAlias = Any
"""A value in weak head normal form. ``Any``, since a Python type for it would be narrowed at every single use."""

Lazy: TypeAlias = Any
"""A value or a thunk."""

MIN_INTEGER = -(2**63)
MAX_INTEGER = 2**63 - 1


class StringWithContext:
    """A string that remembers which store objects it depends on.

    Not a ``str``: joining or adding it by accident fails loudly instead of losing the context. The elements of
    ``context`` are opaque to the language.
    """

    __slots__ = ("context", "text")

    def __init__(self, text: str, context: frozenset[object]) -> None:
        self.text = text
        self.context = context

    def __eq__(self, other: object) -> bool:
        if other.__class__ is str:
            return self.text == other
        return other.__class__ is StringWithContext and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"StringWithContext({self.text!r}, {set(self.context)!r})"


class NixPath:
    """A path value: absolute and without ``.`` or ``..``."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return other.__class__ is NixPath and self.path == other.path

    def __hash__(self) -> int:
        return hash((NixPath, self.path))

    def __repr__(self) -> str:
        return f"NixPath({self.path!r})"


@record(frozen=True)
class FormalDescription:
    """One name that a function takes out of its argument; the string remembers its position."""

    name: str
    has_default: bool


@record(frozen=True)
class LambdaDescription:
    """What a function written in Nix says about itself.

    ``formals`` is None for a plain parameter. ``result`` describes the inner function when a function of several
    arguments was compiled as one. ``parameter`` is the plain parameter, or the name before or after the ``@`` of a
    set pattern; ``ellipsis`` says whether the pattern allows more arguments than it names.
    """

    name: str | None
    position: Position
    formals: tuple[FormalDescription, ...] | None
    result: LambdaDescription | None
    parameter: str | None = None
    ellipsis: bool = False


class LambdaOwner(Protocol):
    """The compiled program that a function belongs to; found in the function's globals as ``PROGRAM``."""

    def describe_lambda(self, name: str) -> LambdaDescription:
        """The description of the function with this Python name."""


PROGRAM = "PROGRAM"


@record(frozen=True)
class BuiltinDescription:
    """The name and number of arguments of a built-in function."""

    name: str
    arity: int


_builtins: dict[Callable[..., Value], BuiltinDescription] = {}


def register_builtin(function: Callable[..., Value], name: str, arity: int) -> Callable[..., Value]:
    """Remember that ``function`` is the built-in called ``name``, for messages and printing."""
    _builtins[function] = BuiltinDescription(name, arity)
    return function


def describe_builtin(function: Value) -> tuple[BuiltinDescription, bool] | None:
    """Name and arity if ``function`` is a built-in, and whether it already has some of its arguments."""
    if function.__class__ is MethodType:
        description = _builtins.get(function.__func__)
        return (description, False) if description else None
    if function.__class__ is not FunctionType:
        return None
    description = _builtins.get(function)
    if description:
        return description, False
    partial = partial_function(function)
    description = _builtins.get(partial[0]) if partial is not None else None
    return (description, True) if description else None


def describe_builtin_code(code: CodeType) -> BuiltinDescription | None:
    """The built-in that the code object belongs to; slow, for error messages."""
    for function, description in _builtins.items():
        if getattr(function, "__code__", None) is code:
            return description
    return None


def describe_lambda(function: Value) -> LambdaDescription | None:
    """The description of a function written in Nix; None for a built-in."""
    current = function.__func__ if function.__class__ is MethodType else function
    applied = 0
    while (partial := partial_function(current)) is not None:
        current, count = partial
        applied += count
    description = _owner_description(current)
    while description and applied:
        description = description.result
        applied -= 1
    return description


def _owner_description(function: Value) -> LambdaDescription | None:
    owner: LambdaOwner | None = function.__globals__.get(PROGRAM)
    return owner.describe_lambda(function.__name__) if owner else None


def is_function(value: Value) -> bool:
    """Whether the value is a function; a set with ``__functor`` is not."""
    return value.__class__ is FunctionType or value.__class__ is MethodType


_TYPES: dict[type, tuple[str, str]] = {
    int: ("int", "an integer"),
    float: ("float", "a float"),
    bool: ("bool", "a Boolean"),
    type(None): ("null", "null"),
    str: ("string", "a string"),
    StringWithContext: ("string", "a string with context"),
    NixPath: ("path", "a path"),
    tuple: ("list", "a list"),
    dict: ("set", "a set"),
    FunctionType: ("lambda", "a function"),
    MethodType: ("lambda", "a function"),
    list: ("thunk", "a thunk"),
}


def type_of(value: Value) -> str:
    """The word that ``builtins.typeOf`` gives: ``int``, ``set``, ``lambda`` …"""
    return _TYPES[value.__class__][0]


def type_name(value: Value) -> str:
    """The type with its article, as messages name it: ``an integer``, ``the built-in function 'map'`` …"""
    name = _TYPES[value.__class__][1]
    if is_function(value):
        builtin = describe_builtin(value)
        if builtin:
            state = "partially applied built-in" if builtin[1] else "built-in"
            return f"the {state} function '{builtin[0].name}'"
    return name


def plain_type_name(value: Value) -> str:
    """The type with its article, without telling functions or strings apart any further."""
    name = _TYPES[value.__class__][1]
    return "a string" if value.__class__ is StringWithContext else name
