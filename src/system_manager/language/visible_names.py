"""Which names are visible at a place of a program, and what they mean there."""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.language import syntax
from system_manager.language.errors import UndefinedVariableError, suggest_names
from system_manager.language.resolution import Binding, Dynamic, Reference, Static
from system_manager.language.source import Source

_BUILTINS = Static("builtins")


class VisibleNames:
    """The names that are visible where name resolution stands.

    :param global_names: names visible everywhere, each with the attribute of ``builtins`` that it stands for.
    :param builtin_names: the attributes of ``builtins``.
    :ivar bound: the variables that the program has defined around the place.
    :ivar withs: the sets of the ``with`` around the place, innermost first.
    """

    def __init__(self, source: Source, global_names: Mapping[str, str], builtin_names: frozenset[str]) -> None:
        self._source = source
        self._global_names = global_names
        self._builtin_names = builtin_names
        self._globals = {name: Static(meaning) for name, meaning in global_names.items()}
        self.bound: dict[str, Binding] = {}
        self.withs: tuple[Binding | Static, ...] = ()

    def declare(self, bindings: Mapping[str, Binding]) -> dict[str, Binding | None]:
        """Have variables hide those of the same names; returns what :meth:`restore` needs."""
        bound = self.bound
        before = {name: bound.get(name) for name in bindings}
        bound.update(bindings)
        return before

    def restore(self, before: Mapping[str, Binding | None]) -> None:
        """Undo a declaration."""
        for name, binding in before.items():
            if binding is None:
                del self.bound[name]
            else:
                self.bound[name] = binding

    def look_up(self, node: syntax.Variable) -> Reference:
        """What a variable means.

        :raises UndefinedVariableError: if it is bound nowhere.
        """
        name = node.name
        binding = self.bound.get(name)
        if binding is not None:
            return binding if binding.static is None else Static(binding.static)
        static = self._globals.get(name)
        if static is not None:
            return static
        if self.withs:
            return self.builtin(self.withs[0], name) or Dynamic(name, self.withs)
        known = [*self.bound, *(name for name in self._global_names if not name.startswith("__"))]
        raise UndefinedVariableError(
            f"undefined variable '{name}'",
            position=self._source.position(node.position),
            suggestions=suggest_names(name, known),
        )

    def builtin(self, reference: Reference, name: str) -> Static | None:
        """The built-in that attribute ``name`` of what ``reference`` means certainly is."""
        return Static(name) if reference == _BUILTINS and name in self._builtin_names else None

    def is_global(self, name: str) -> bool:
        """Whether a name means what it means everywhere."""
        return name not in self.bound and name in self._global_names
