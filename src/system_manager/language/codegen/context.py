"""What the writers of one unit share: the names, what is already known about them, and the text so far."""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.language import syntax
from system_manager.language.codegen.text import UnitText
from system_manager.language.resolution import Binding, Reference, Resolution, Static, Unit

_CONSTANTS = (syntax.Integer, syntax.Float, syntax.String, syntax.Lambda)


class UnitContext:
    """State while one unit is written.

    :param resolution: the whole program's names and units.
    :param unit: the one being written.
    :param arities: for every attribute of ``builtins``, the number of arguments of its Python function; 0 for
        constants.
    """

    def __init__(self, resolution: Resolution, unit: Unit, arities: Mapping[str, int]) -> None:
        self.resolution = resolution
        self.unit = unit
        self.arities = arities
        self.text = UnitText()
        self.known: set[str] = set()
        self.temporaries = 0

    def temporary(self) -> str:
        """A fresh local variable."""
        self.temporaries += 1
        return f"v{self.temporaries}"

    def reference(self, node: syntax.Variable) -> Reference:
        """What the variable means."""
        return self.resolution.references[node]

    def static_function(self, node: syntax.Expression) -> str | None:
        """The name of the built-in attribute that the expression certainly is."""
        if isinstance(node, syntax.Variable):
            reference = self.reference(node)
            return reference.name if isinstance(reference, Static) else None
        if isinstance(node, syntax.Select) and node.default is None and len(node.path) == 1:
            name = node.path[0]
            if isinstance(name, str) and name in self.arities and isinstance(node.subject, syntax.Variable):
                reference = self.reference(node.subject)
                if isinstance(reference, Static) and reference.name == "builtins":
                    return name
        return None

    def known_function(self, node: syntax.Expression) -> tuple[Binding, Unit] | None:
        """The variable, when it is certainly bound to a function that is written in this program."""
        if not isinstance(node, syntax.Variable):
            return None
        reference = self.reference(node)
        if isinstance(reference, Binding) and isinstance(reference.value, syntax.Lambda):
            return reference, self.resolution.units[reference.value]
        return None

    def is_certain(self, binding: Binding) -> bool:
        """Whether the variable never holds a thunk here."""
        return binding.variable in self.known or isinstance(binding.value, _CONSTANTS)

    def is_local(self, node: syntax.Expression) -> Binding | None:
        """The binding of a plain lexical variable."""
        if not isinstance(node, syntax.Variable):
            return None
        reference = self.reference(node)
        return reference if isinstance(reference, Binding) else None
