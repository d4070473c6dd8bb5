"""The compiled form of a unit: plain data, which can be kept on disk."""

from __future__ import annotations

from types import CodeType
from typing import NamedTuple


class UnitCode(NamedTuple):
    """The code of a unit and what the program's namespace must hold for it; plain data.

    :param code: of the thunk's code, or of the function's maker.
    :param keys: attribute names: variable, name, offset of the definition.
    :param paths: path literals: variable, text.
    :param labels: other units that are referred to.
    :param lines: for every line (the first is 1) offset and site of what stands there.
    """

    code: CodeType
    keys: tuple[tuple[str, str, int], ...]
    paths: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]


class LayerFacts(NamedTuple):
    """One parameter of a function.

    :param formals: for a set pattern: every name, whether it has a default, its offset.
    :param parameter: a plain parameter, or the name that a set pattern has for the whole set.
    :param ellipsis: whether a set pattern allows arguments that it does not name.
    """

    offset: int
    formals: tuple[tuple[str, bool, int], ...] | None
    parameter: str | None
    ellipsis: bool


class UnitFacts(NamedTuple):
    """What can be said about a unit without its tree.

    :param name: what the program calls it.
    :param name_offset: where it is given that name.
    :param offset: where it begins.
    :param layers: for a function, its one or two parameters.
    """

    name: str | None
    name_offset: int
    offset: int
    layers: tuple[LayerFacts, ...]


class KnownCode(NamedTuple):
    """What earlier runs have found out about a program."""

    units: dict[str, UnitCode]
    facts: dict[str, UnitFacts]
