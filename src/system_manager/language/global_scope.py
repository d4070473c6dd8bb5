"""What every program can name without defining it: the runtime, and the built-ins as far as they are used."""

from __future__ import annotations

from system_manager.base.type_hints import Any, Iterable, Mapping
from system_manager.language import abi
from system_manager.language.builtins.registry import Family
from system_manager.language.calls import counting_builtin, make_builtin
from system_manager.language.codegen.naming import builtin_function, builtin_variable
from system_manager.language.values import Lazy

_UNPREFIXED = frozenset(
    (
        *("abort", "baseNameOf", "break", "builtins", "derivation", "derivationStrict", "dirOf", "false"),
        *("fetchGit", "fetchMercurial", "fetchTarball", "fetchTree", "fromTOML", "import", "isNull", "map", "null"),
        *("placeholder", "removeAttrs", "scopedImport", "throw", "toString", "true"),
    )
)
"""Attributes of ``builtins`` that are also visible as they are; all others are visible with two underscores."""


class GlobalScope:
    """What the programs of an evaluator share.

    Built-in functions are loaded by :meth:`load`, before code that uses them runs: most programs need few of them.

    :param families: the built-in functions.
    :param constants: further attributes of ``builtins``.
    :param home: the directory that ``~/`` path literals start from; None where programs may not know it.
    :param delays: evaluate nothing before it is wanted, see :mod:`~system_manager.language.delaying`.
    :param counts_calls: run code that counts its calls, see :mod:`~system_manager.language.call_depth`.
    :ivar runtime: the runtime's names, as generated code calls them.
    :ivar names: the same for the built-ins.
    :ivar shapes: what the programs share of their code, which is the compiler's.
    :ivar arities: for every attribute of ``builtins``, the arguments of its Python function; 0 for constants.
    """

    def __init__(
        self,
        families: Iterable[Family],
        constants: Mapping[str, Lazy],
        *,
        home: str | None,
        delays: bool = False,
        counts_calls: bool = False,
    ) -> None:
        self.home = home
        self.delays = delays
        self.counts_calls = counts_calls
        self.shapes: dict[str, Any] = {}
        self.runtime: dict[str, Any] = abi.COUNTING_NAMES if counts_calls else abi.NAMES
        self.names: dict[str, Any] = {}
        self._values: dict[str, Lazy] = {"true": True, "false": False, "null": None, **constants}
        for name, value in self._values.items():
            self.names[builtin_variable(name)] = value
        self.arities = dict.fromkeys((*self._values, "builtins"), 0)
        self._waiting: dict[str, Family] = {}
        for family in families:
            self.arities.update(family.arities)
            for name in family.arities:
                self._waiting[builtin_variable(name)] = family
        self._attributes: dict[str, Lazy] | None = None

    def load(self, variables: Iterable[str]) -> None:
        """Have ``names`` contain these built-ins, which are named as in generated code."""
        for variable in variables:
            if variable in self._waiting:
                self._load_family(self._waiting[variable])
            elif variable == _ALL:
                self.names[_ALL] = self.builtins

    def _load_family(self, family: Family) -> None:
        for loaded in family.load():
            builtin = counting_builtin(loaded) if self.counts_calls else loaded
            variable = builtin_variable(builtin.name)
            self._values[builtin.name] = self.names[variable] = make_builtin(builtin)
            self.names[builtin_function(builtin.name)] = builtin.function
            del self._waiting[variable]

    @property
    def builtins(self) -> dict[str, Lazy]:
        """The attributes of ``builtins``, all of them."""
        if self._attributes is None:
            self.load(tuple(self._waiting))
            self._attributes = {name: self._values.get(name) for name in sorted(self.arities)}
            self._attributes["builtins"] = self._attributes
        return self._attributes

    @property
    def global_names(self) -> dict[str, str]:
        """Names visible without ``builtins.``, each with its attribute."""
        return {name if name in _UNPREFIXED else f"__{name}": name for name in sorted(self.arities)}


_ALL = builtin_variable("builtins")
