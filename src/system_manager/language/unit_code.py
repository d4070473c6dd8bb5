"""The compiled form of a unit: plain data, which can be kept on disk."""

from __future__ import annotations

from types import CodeType

from system_manager.base.records import record
from system_manager.base.type_hints import TypeAlias
from system_manager.language.data_literals import Form


@record()
class UnitCode:
    """The code of a unit and what the program's namespace must hold for it.

    :param code: of the thunk's code, or of the function's maker.
    :param keys: the variables of attribute names.
    :param names: the attribute names of these variables, each a string object of its own.
    :param offsets: where the attributes with these names are defined.
    :param paths: path literals: variable, text.
    :param labels: other units that are referred to.
    :param data: literals without code: the variable of what makes their value, and their form.
    :param lines: offset and site of what stands on every line: sites are one character, and a line that nothing is
        known about has no offset.
    """

    code: CodeType
    keys: tuple[str, ...]
    names: tuple[str, ...]
    offsets: tuple[int, ...]
    paths: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    data: tuple[tuple[str, Form], ...]
    lines: str


def unpack_lines(text: str) -> list[tuple[int, str]]:
    """Offset and site of each line; an offset of -1 where there is none."""
    import re  # noqa: PLC0415 -- for errors alone

    return [(int(offset or -1), site) for offset, site in re.findall(r"(\d*)(\D)", text)]


@record()
class LayerFacts:
    """One parameter of a function.

    :param formals: for a set pattern: every name, whether it has a default, its offset.
    :param parameter: a plain parameter, or the name that a set pattern has for the whole set.
    :param ellipsis: whether a set pattern allows arguments that it does not name.
    """

    offset: int
    formals: tuple[tuple[str, bool, int], ...] | None
    parameter: str | None
    ellipsis: bool


@record()
class UnitFacts:
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


KeptCode: TypeAlias = tuple[dict[str, bytes], dict[str, bytes], tuple[str, ...], tuple[str, ...]]
"""What earlier runs have found out about a program: marshalled units, the marshalled facts about units, the variables
of the built-ins that the units use, and the variables of the program itself that they use."""
