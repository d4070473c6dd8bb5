"""Built-in functions as records, and the decorator that collects them.

A module of builtins makes one :class:`BuiltinTable` and decorates its functions::

    TABLE = BuiltinTable()

    @TABLE.builtin("length", 1, "The number of elements of a list.")
    def length(items: Lazy) -> Value:
        return len(force_list(items, "while evaluating the first argument passed to builtins.length"))

Functions take lazy arguments and return a value in weak head normal form, or raise an
:class:`~system_manager.language.errors.EvaluationError`.

An evaluator knows names and numbers of arguments (:class:`Family`); it imports the module when a program uses one.
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Iterable, Iterator, Mapping, TypeVar
from system_manager.language.values import Value


@record(frozen=True)
class Builtin:
    """One built-in function.

    :param name: the attribute of ``builtins``, e.g. ``foldl'``.
    :param arity: the number of arguments, at least one.
    :param function: takes ``arity`` positional lazy arguments; may be a bound method.
    :param documentation: Markdown.
    """

    name: str
    arity: int
    function: Callable[..., Value]
    documentation: str


@record(frozen=True)
class Family:
    """Built-ins that are loaded together, when a program uses one of them.

    :param arities: their names and numbers of arguments.
    :param load: makes their records.
    """

    arities: Mapping[str, int]
    load: Callable[[], Iterable[Builtin]]


Function = TypeVar("Function", bound=Callable[..., Value])


class BuiltinTable:
    """The builtins of one module, in the order of their definitions."""

    def __init__(self) -> None:
        self._builtins: dict[str, Builtin] = {}

    def builtin(self, name: str, arity: int, documentation: str) -> Callable[[Function], Function]:
        """Add the decorated function under ``name``."""

        def add(function: Function) -> Function:
            if name in self._builtins:
                raise ValueError(f"builtin '{name}' is defined twice")
            self._builtins[name] = Builtin(name, arity, function, documentation)
            return function

        return add

    def __iter__(self) -> Iterator[Builtin]:
        return iter(self._builtins.values())

    def __len__(self) -> int:
        return len(self._builtins)
