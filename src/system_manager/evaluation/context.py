"""What the elements of a string's context mean.

A string that mentions a store object carries it in its context, so that a derivation made from the string depends
on it. Nix manual, "String context".
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.store.paths import StorePath


@record(frozen=True)
class OpaquePath:
    """A store path as it is: a source, a text, a ``.drv`` file without what it builds."""

    path: StorePath

    def __str__(self) -> str:
        return str(self.path)


@record(frozen=True)
class DerivationOutput:
    """The output of this name that the derivation will build."""

    derivation: StorePath
    output: str

    def __str__(self) -> str:
        return f"!{self.output}!{self.derivation}"


@record(frozen=True)
class DeepDerivation:
    """A ``.drv`` file with everything that it depends on, and all outputs of these: the context of ``drvPath``."""

    derivation: StorePath

    def __str__(self) -> str:
        return f"={self.derivation}"


ContextElement = OpaquePath | DerivationOutput | DeepDerivation


def as_element(element: object) -> ContextElement:
    """The element, which the language hands around without knowing its type."""
    assert isinstance(element, OpaquePath | DerivationOutput | DeepDerivation)
    return element


@record()
class PathContext:
    """All that a context says of one store path, as ``builtins.getContext`` shows it."""

    path: bool
    all_outputs: bool
    outputs: list[str]


def group_by_path(context: frozenset[object]) -> dict[StorePath, PathContext]:
    """What each store path contributes; outputs are in the order of their names."""
    groups: dict[StorePath, PathContext] = {}
    for element in map(as_element, context):
        path = element.path if isinstance(element, OpaquePath) else element.derivation
        group = groups.setdefault(path, PathContext(False, False, []))
        match element:
            case OpaquePath():
                group.path = True
            case DeepDerivation():
                group.all_outputs = True
            case DerivationOutput():
                group.outputs.append(element.output)
    for group in groups.values():
        group.outputs.sort()
    return groups
