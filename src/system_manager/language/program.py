"""A program that can run: one source, its namespace, and its units as far as they were needed."""

from __future__ import annotations

import marshal
from types import CellType, CodeType, FunctionType, MethodType

from system_manager.base.type_hints import Any, Callable, Mapping, Protocol
from system_manager.language.attribute_keys import make_positioned_key, make_positioned_keys
from system_manager.language.codegen.naming import label_arity, used_builtins
from system_manager.language.data_literals import data_maker
from system_manager.language.errors import EvaluationError
from system_manager.language.global_scope import GlobalScope
from system_manager.language.source import Position, Source, resolve_path
from system_manager.language.unit_code import KeptCode, LayerFacts, UnitCode, UnitFacts, unpack_lines
from system_manager.language.values import (
    PROGRAM,
    FormalDescription,
    LambdaDescription,
    Lazy,
    NixPath,
    Value,
)

_MAX_UNCOMPILED_FUNCTIONS = 100
"""How often a function is made before it is compiled without being called.

More stand-ins would cost more than to compile it, and again in each run that finds the rest of the code kept.
"""


class Analysis(Protocol):
    """What a program asks of the compiler; see :class:`system_manager.language.compiler.Analysis`."""

    def compile(self, label: str) -> UnitCode: ...

    def captured_names(self) -> tuple[str, ...]: ...

    def facts(self, label: str) -> UnitFacts: ...

    def assertion_text(self, offset: int) -> str: ...


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
        known: KeptCode | None = None,
    ) -> None:
        self.source = source
        self.scope_names = scope_names
        units, facts, builtins, variables = known or ({}, {}, (), ())
        self.units: dict[str, UnitCode | bytes] = {**units}
        self.facts: dict[str, UnitFacts | bytes] = {**facts}
        self.builtins = set(builtins)
        self.learnt = 0
        self._global_scope = global_scope
        global_scope.load(builtins)
        self._analysis: Analysis | None = None
        self._keys: dict[tuple[str, int], str] = {}
        self._descriptions: dict[str, LambdaDescription] = {}
        self._waiting: dict[str, list[FunctionType]] = {}
        # Python remembers where in a dict it found a variable for as long as the dict gets no other keys: the
        # runtime's names stand here, where they are looked for first, and everything that kept units need has its key.
        self.namespace: dict[str, Any] = {
            **dict.fromkeys(variables),
            **global_scope.runtime,
            "__builtins__": global_scope.names,
            PROGRAM: self,
        }
        self._run_thunk, self._make_function = self._stand_ins()

    def prepare(self) -> None:
        """Find what is wrong with the text, and names that are bound nowhere, without evaluating anything."""
        if "T0" not in self.units:
            self._compile("T0")

    def run(self, scope: Mapping[str, Lazy] | None = None) -> Value:
        """Evaluate the program to weak head normal form. ``scope`` binds the names given at construction."""
        self.prepare()
        environment: Any = None
        if scope:
            values = tuple([scope[name] for name in self._analyse().captured_names()])
            environment = values[0] if len(values) == 1 else values
        code = self._load("T0")
        return code([code, environment])

    @property
    def variables(self) -> tuple[str, ...]:
        """The names by which units refer to one another and to their constants."""
        others = {*self._global_scope.runtime, "__builtins__", PROGRAM}
        return tuple([name for name in self.namespace if name not in others])

    @property
    def is_analysed(self) -> bool:
        """Whether the text had to be parsed."""
        return self._analysis is not None

    def _analyse(self) -> Analysis:
        """The program's tree and names; made when first needed, which a compiled program may never do."""
        if self._analysis is None:
            # Late: a program whose code is kept needs no parser, and loading one takes longer than many programs.
            from system_manager.language.compiler import Analysis as Compiler  # noqa: PLC0415

            shared = self._global_scope
            self._analysis = Compiler(
                self.source,
                global_names=shared.global_names,
                arities=shared.arities,
                scope_names=self.scope_names,
                home=shared.home,
                delays=shared.delays,
                counts_calls=shared.counts_calls,
                shapes=shared.shapes,
            )
        return self._analysis

    # Loading units

    def _compile(self, label: str) -> UnitCode:
        code = self._analyse().compile(label)
        used = used_builtins(code.code)
        self.builtins |= used
        self._global_scope.load(used)
        self.learnt += 1
        # Last: who interrupts the loading finds a unit that was not compiled, not one without its built-ins.
        self.units[label] = code
        return code

    def _unit(self, label: str) -> UnitCode | None:
        """The unit, if it was compiled, in this run or in an earlier one."""
        unit = self.units.get(label)
        # Written by ourselves, see code_cache.
        return UnitCode(*marshal.loads(unit)) if isinstance(unit, bytes) else unit  # noqa: S302

    def _load(self, label: str) -> Callable[..., Value]:
        """Make a unit ready to run: its code, and stand-ins for what it refers to."""
        unit = self._unit(label) or self._compile(label)
        namespace = self.namespace
        # Most of this is empty for most units, and a large program has tens of thousands.
        if unit.keys:
            namespace.update(zip(unit.keys, make_positioned_keys(unit.names, self.source, unit.offsets), strict=True))
        for variable, text in unit.paths:
            if namespace.get(variable) is None:
                namespace[variable] = self._path(text)
        for variable, form in unit.data:
            if namespace.get(variable) is None:
                namespace[variable] = data_maker(form, self.source)
        for other in unit.labels:
            if namespace.get(other) is None:
                # A method is called without the C stack, and takes less time to make than a function.
                namespace[other] = MethodType(self._make_function if label_arity(other) else self._run_thunk, other)
        function = FunctionType(unit.code, namespace, label)
        namespace[label] = function
        waiting = self._waiting.pop(label, None)
        if waiting:
            inner = next(constant for constant in unit.code.co_consts if isinstance(constant, CodeType))
            for one in waiting:
                one.__code__ = inner
                one.__kwdefaults__ = None
        return function

    def _path(self, text: str) -> NixPath:
        home = self._global_scope.home
        if home is None and text.startswith("~/"):
            raise EvaluationError(f"the path '{text}' can not be resolved in pure mode")
        return NixPath(resolve_path(text, self.source.directory, home or "/"))

    def _stand_ins(self) -> tuple[Callable[[str, list[Any]], Value], Callable[..., Value]]:
        """What stands for the code of a thunk and for the maker of a function until they run, but for the label."""
        namespace, units, every_waiting = self.namespace, self.units, self._waiting

        def run_thunk(label: str, thunk: list[Any]) -> Value:
            code = namespace[label]
            return (self._load(label) if code.__class__ is MethodType else code)(thunk)

        def make_function(label: str, *captures: Lazy) -> Value:
            """The function; it compiles itself when it is first called."""
            maker = namespace[label]
            if maker.__class__ is not MethodType:
                return maker(*captures)
            waiting = every_waiting.setdefault(label, [])
            if label in units or len(waiting) >= _MAX_UNCOMPILED_FUNCTIONS:
                return self._load(label)(*captures)
            cells = tuple(map(CellType, captures))
            function = FunctionType(_stand_in_code(label_arity(label), len(captures)), namespace, label, None, cells)
            function.__kwdefaults__ = {"load": loader(label)}
            waiting.append(function)
            return function

        def loader(label: str) -> Callable[[tuple[Lazy, ...]], Value]:
            def load(captures: tuple[Lazy, ...]) -> Value:
                maker = namespace[label]
                return (self._load(label) if maker.__class__ is MethodType else maker)(*captures)

            return load

        return run_thunk, make_function

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
            facts = self.facts_of(name)
            description = self._descriptions[name] = self._describe_layers(facts.name, facts.layers)
        return description

    def _describe_layers(self, name: str | None, layers: tuple[LayerFacts, ...]) -> LambdaDescription:
        first, *rest = layers
        formals = None
        if first.formals is not None:
            formals = tuple(
                [
                    FormalDescription(self.attribute_key(formal, offset), has_default)
                    for formal, has_default, offset in first.formals
                ]
            )
        result = self._describe_layers(name, tuple(rest)) if rest else None
        return LambdaDescription(
            name=name,
            position=self.position(first.offset),
            formals=formals,
            result=result,
            parameter=first.parameter,
            ellipsis=first.ellipsis,
        )

    def facts_of(self, label: str) -> UnitFacts:
        """Name, places and parameters of a unit."""
        facts = self.facts.get(label)
        if facts is None:
            facts = self.facts[label] = self._analyse().facts(label)
            self.learnt += 1
        elif isinstance(facts, bytes):
            # Written by ourselves, see code_cache.
            name, name_offset, offset, layers = marshal.loads(facts)  # noqa: S302
            facts = UnitFacts(name, name_offset, offset, tuple([LayerFacts(*layer) for layer in layers]))
        return facts

    def lines(self, label: str) -> list[tuple[int, str]]:
        """For every line of the unit's text (the first is 1), offset and site of what stands there."""
        unit = self._unit(label)
        return [] if unit is None else unpack_lines(unit.lines)

    def assertion_text(self, offset: int) -> str:
        """The condition of the ``assert`` at this offset."""
        return self._analyse().assertion_text(offset)


_stand_in_codes: dict[tuple[int, int], CodeType] = {}


def _stand_in_code(arity: int, captures: int) -> CodeType:
    """Code with so many parameters and captured variables that hands both to the loader and calls its result."""
    code = _stand_in_codes.get((arity, captures))
    if code is None:
        cells = "".join(f"c{index:04}, " for index in range(captures))
        parameters = ", ".join([f"x{index}" for index in range(arity)])
        text = (
            f"def make({cells}):\n def stand_in({parameters}, *, load):\n"
            f"  return load(({cells}))({parameters})\n return stand_in\n"
        )
        module = compile(text, "<nix stand-in>", "exec", dont_inherit=True)
        maker = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
        code = next(constant for constant in maker.co_consts if isinstance(constant, CodeType))
        _stand_in_codes[arity, captures] = code
    return code
