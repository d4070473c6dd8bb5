"""A program that can run: one source, its namespace, and its units as far as they were needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from system_manager.language import syntax
from system_manager.language.compiler import UnitCode, compile_unit
from system_manager.language.parser import parse
from system_manager.language.scope import Layer, Resolution, Unit, UnitKind, resolve
from system_manager.language.source import Position, Source, resolve_path
from system_manager.language.syntax_printer import print_syntax
from system_manager.language.values import (
    PROGRAM,
    FormalDescription,
    LambdaDescription,
    Lazy,
    NixPath,
    Value,
    make_positioned_key,
)

_MAX_UNCOMPILED_FUNCTIONS = 1000


@dataclass(frozen=True, slots=True)
class GlobalScope:
    """What every program of an evaluator sees.

    :param names: the runtime's names and the built-ins, as generated code calls them.
    :param arities: for every attribute of ``builtins``, the arguments of its Python function; 0 for constants.
    :param global_names: names visible without ``builtins.``, each with its attribute.
    :param home: the directory that ``~/`` path literals start from.
    """

    names: dict[str, Any]
    arities: Mapping[str, int]
    global_names: Mapping[str, str]
    home: str


class Program:
    """One source under evaluation.

    :param scope_names: names that the caller binds, see :meth:`run`.
    :param known: units that were compiled in an earlier run.
    """

    def __init__(
        self,
        source: Source,
        global_scope: GlobalScope,
        scope_names: tuple[str, ...] = (),
        known: Mapping[str, UnitCode] | None = None,
    ) -> None:
        self.source = source
        self.scope_names = scope_names
        self.units: dict[str, UnitCode] = dict(known or {})
        self.compiled = 0
        self._global_scope = global_scope
        self._resolution: Resolution | None = None
        self._keys: dict[tuple[str, int], str] = {}
        self._descriptions: dict[str, LambdaDescription] = {}
        self._waiting: dict[str, list[FunctionType]] = {}
        self.namespace: dict[str, Any] = {"__builtins__": global_scope.names, PROGRAM: self}

    def run(self, scope: Mapping[str, Lazy] | None = None) -> Value:
        """Evaluate the program to weak head normal form. ``scope`` binds the names given at construction."""
        if "T0" not in self.units:
            self._compile("T0")
        environment: Any = None
        if scope:
            names = [binding.name for binding in sorted(self.resolution.root.captures, key=lambda b: b.variable)]
            values = tuple(scope[name] for name in names)
            environment = values[0] if len(values) == 1 else values
        code = self._load("T0")
        return code([code, environment])

    @property
    def resolution(self) -> Resolution:
        """The program's tree and names; made when first needed, which compiled programs never do."""
        if self._resolution is None:
            self._resolution = resolve(
                parse(self.source),
                self.source,
                global_names=self._global_scope.global_names,
                builtin_names=frozenset(self._global_scope.arities),
                scope_names=self.scope_names,
            )
        return self._resolution

    # Loading units

    def _compile(self, label: str) -> UnitCode:
        resolution = self.resolution
        unit = resolution.by_identifier[int(label[1:])]
        code = compile_unit(resolution, unit, self._global_scope.arities)
        self.units[label] = code
        self.compiled += 1
        return code

    def _load(self, label: str) -> Callable[..., Value]:
        """Make a unit ready to run: its code, and stand-ins for what it refers to."""
        unit = self.units.get(label) or self._compile(label)
        namespace = self.namespace
        for variable, name, offset in unit.keys:
            if variable not in namespace:
                namespace[variable] = self.attribute_key(name, offset)
        for variable, text in unit.paths:
            if variable not in namespace:
                namespace[variable] = NixPath(resolve_path(text, self.source.directory, self._global_scope.home))
        for other in unit.labels:
            if other not in namespace:
                namespace[other] = self._stand_in(other)
        function = FunctionType(unit.code, namespace, label)
        namespace[label] = function
        waiting = self._waiting.pop(label, None)
        if waiting:
            inner = next(constant for constant in unit.code.co_consts if isinstance(constant, CodeType))
            for one in waiting:
                one.__code__ = inner
                one.__kwdefaults__ = None
        return function

    def _stand_in(self, label: str) -> Callable[..., Value]:
        if label[0] == UnitKind.THUNK.value:

            def load_and_run(thunk: list[Any]) -> Value:
                code = self.namespace[label]
                return (self._load(label) if code is load_and_run else code)(thunk)

            return load_and_run
        return self._function_stand_in(label)

    def _function_stand_in(self, label: str) -> Callable[..., Value]:
        """A maker of functions that compile themselves when one of them is first called."""
        arity = 1 if label[0] == UnitKind.FUNCTION.value else 2
        waiting = self._waiting.setdefault(label, [])

        def load(captures: tuple[Lazy, ...]) -> Value:
            function = self.namespace[label](*captures) if label not in self._waiting else self._load(label)(*captures)
            return function if arity == 1 else function.__func__

        defaults = {"load": load}

        def make(*captures: Lazy) -> Value:
            if len(waiting) >= _MAX_UNCOMPILED_FUNCTIONS:
                return self._load(label)(*captures)
            cells = tuple(map(CellType, captures))
            function = FunctionType(_stand_in_code(arity, len(captures)), self.namespace, label, None, cells)
            function.__kwdefaults__ = defaults
            waiting.append(function)
            return function if arity == 1 else MethodType(function, 0)

        return make

    # What the runtime asks

    def position(self, offset: int) -> Position:
        """The place in the source."""
        return self.source.position(offset)

    def position_set(self, offset: int) -> dict[str, Lazy] | None:
        """``__curPos``; null where the source is not a file."""
        if not self.source.name.startswith("/"):
            return None
        position = self.source.position(offset)
        return {"column": position.column, "file": self.source.name, "line": position.line}

    def attribute_key(self, name: str, offset: int) -> str:
        """The attribute name as defined at ``offset``; the same object every time."""
        key = self._keys.get((name, offset))
        if key is None:
            key = self._keys[name, offset] = make_positioned_key(name, self.source, offset)
        return key

    def describe_lambda(self, name: str) -> LambdaDescription:
        """The description of the function with this label."""
        description = self._descriptions.get(name)
        if description is None:
            unit = self.resolution.by_identifier[int(name[1:])]
            description = self._descriptions[name] = self._describe_layer(unit, unit.layers)
        return description

    def _describe_layer(self, unit: Unit, layers: tuple[Layer, ...]) -> LambdaDescription:
        first, *rest = layers
        formals = first.node.formals
        described = None
        if formals is not None:
            described = tuple(
                FormalDescription(self.attribute_key(formal.name, formal.position), formal.default is not None)
                for formal in formals.entries
            )
        result = self._describe_layer(unit, tuple(rest)) if rest else None
        return LambdaDescription(
            name=unit.name,
            position=self.position(first.node.position),
            formals=described,
            result=result,
            parameter=first.node.parameter,
            ellipsis=formals is not None and formals.ellipsis,
        )

    def assertion_text(self, offset: int) -> str:
        """The condition of the ``assert`` at this offset."""
        for node in walk(self.resolution.root.node):
            if isinstance(node, syntax.Assert) and node.position == offset:
                return print_syntax(node.condition, directory=self.source.directory, home=self._global_scope.home)
        return "…"


_stand_in_codes: dict[tuple[int, int], CodeType] = {}


def _stand_in_code(arity: int, captures: int) -> CodeType:
    """Code with so many parameters and captured variables that hands both to the loader and calls its result."""
    code = _stand_in_codes.get((arity, captures))
    if code is None:
        cells = "".join(f"c{index:04}, " for index in range(captures))
        parameters = "x" if arity == 1 else "x, y"
        text = (
            f"def make({cells}):\n def stand_in({parameters}, *, load):\n"
            f"  return load(({cells}))({parameters})\n return stand_in\n"
        )
        module = compile(text, "<nix stand-in>", "exec", dont_inherit=True)
        maker = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
        code = next(constant for constant in maker.co_consts if isinstance(constant, CodeType))
        _stand_in_codes[arity, captures] = code
    return code


def walk(node: object) -> Iterator[object]:
    """All nodes of a syntax tree, in no particular order."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple | list):
            pending += current
        elif isinstance(current, dict):
            pending += current.values()
        elif hasattr(current, "__dataclass_fields__"):
            yield current
            pending += [getattr(current, name) for name in current.__dataclass_fields__]
