"""From a program's text to Python code objects: the part of the language that compiled programs do not need.

Units are compiled one by one, when they first run: of a large program most never do. The text of a unit depends on
nothing but the program and the set of built-ins, so its code can be kept on disk.
"""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.language import syntax
from system_manager.language.attribute_keys import distinct_copy
from system_manager.language.codegen.shapes import Shapes, compile_text
from system_manager.language.codegen.units import capture_order, write_unit
from system_manager.language.parser import parse
from system_manager.language.recursion import SYNTAX_FRAMES, recursion_allowed
from system_manager.language.resolution import Layer, Resolution, Unit
from system_manager.language.scope import resolve
from system_manager.language.source import Source
from system_manager.language.syntax_printer import print_syntax
from system_manager.language.unit_code import LayerFacts, UnitCode, UnitFacts


def compile_unit(resolution: Resolution, unit: Unit, arities: Mapping[str, int], shapes: Shapes) -> UnitCode:
    """Write and compile one unit. ``arities``: the Python functions behind ``builtins``, 0 for constants."""
    text = write_unit(resolution, unit, arities)
    code, lines = compile_text(text, unit.label, shapes)
    return UnitCode(
        code,
        tuple(text.keys),
        tuple([distinct_copy(name) for name, _ in text.keys.values()]),
        tuple([offset for _, offset in text.keys.values()]),
        tuple(text.paths.items()),
        tuple(text.labels),
        tuple(text.data.items()),
        lines,
    )


class Analysis:
    """A parsed program whose names are resolved.

    :param arities: see :func:`compile_unit`.
    :param home: the directory that ``~/`` path literals start from.
    :param shapes: what other programs have had compiled, see :mod:`~system_manager.language.codegen.shapes`.
    :param delays: evaluate nothing before it is wanted, see :mod:`~system_manager.language.delaying`.
    :param counts_calls: write code that counts its calls, see :mod:`~system_manager.language.call_depth`.
    :raises NixSyntaxError: if the text is not a program.
    :raises UndefinedVariableError: if it uses a name that is bound nowhere.
    """

    def __init__(
        self,
        source: Source,
        *,
        global_names: Mapping[str, str],
        arities: Mapping[str, int],
        scope_names: tuple[str, ...],
        home: str | None,
        delays: bool = False,
        counts_calls: bool = False,
        shapes: Shapes | None = None,
    ) -> None:
        self._source = source
        self._shapes: Shapes = {} if shapes is None else shapes
        self._arities = arities
        self._home = home
        with recursion_allowed(SYNTAX_FRAMES):
            tree = parse(source)
            if delays:
                from system_manager.language.delaying import delay_values  # noqa: PLC0415  # only for printing

                delay_values(tree)
            self.resolution: Resolution = resolve(
                tree,
                source,
                global_names=global_names,
                builtin_names=frozenset(arities),
                scope_names=scope_names,
                counts_calls=counts_calls,
            )

    def compile(self, label: str) -> UnitCode:
        """The code of the unit with this label."""
        with recursion_allowed(SYNTAX_FRAMES):
            return compile_unit(self.resolution, self._unit(label), self._arities, self._shapes)

    def text(self, label: str) -> str:
        """The Python text of the unit with this label, below what the text leaves out."""
        text = write_unit(self.resolution, self._unit(label), self._arities)
        return f"# {label}: {text.legend()}\n{text.source()}"

    def captured_names(self) -> tuple[str, ...]:
        """The names of the caller's scope that the program uses, in the order of its environment."""
        return tuple(binding.name for binding in capture_order(self.resolution.root))

    def facts(self, label: str) -> UnitFacts:
        """What messages and ``functionArgs`` say about the unit."""
        unit = self._unit(label)
        layers = tuple(_layer_facts(layer) for layer in unit.layers)
        # Of a function of many arguments, what is called at last is where its last one or two are taken.
        offset = unit.layers[(unit.arity - 1) // 2 * 2].node.position if layers else unit.node.position
        return UnitFacts(unit.name, unit.name_offset, offset, layers)

    def assertion_text(self, offset: int) -> str:
        """The condition of the ``assert`` at this offset, as program text."""
        for node in syntax.walk(self.resolution.root.node):
            if isinstance(node, syntax.Assert) and node.position == offset:
                return print_syntax(node.condition, directory=self._source.directory, home=self._home or "~")
        return "…"

    def _unit(self, label: str) -> Unit:
        return self.resolution.by_identifier[int(label[1:])]


def _layer_facts(layer: Layer) -> LayerFacts:
    formals = layer.node.formals
    if formals is None:
        return LayerFacts(layer.node.position, None, layer.node.parameter, ellipsis=False)
    entries = tuple((formal.name, formal.default is not None, formal.position) for formal in formals.entries)
    return LayerFacts(layer.node.position, entries, layer.node.parameter, formals.ellipsis)
