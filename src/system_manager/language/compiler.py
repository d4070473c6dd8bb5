"""From a unit of a program to a Python code object.

Units are compiled one by one, when they first run: of a large program most never do. The text of a unit depends on
nothing but the program and the set of built-ins, so its code can be kept on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType
from typing import NamedTuple

from system_manager.language.codegen.units import write_unit
from system_manager.language.scope import Resolution, Unit

FORMAT = 1
"""Changes whenever the generated code or its interface to the runtime does, so that kept code is not used again."""


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


def compile_unit(resolution: Resolution, unit: Unit, arities: Mapping[str, int]) -> UnitCode:
    """Write and compile one unit. ``arities``: the Python functions behind ``builtins``, 0 for constants."""
    text = write_unit(resolution, unit, arities)
    module = compile(text.source(), "<nix>", "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    return UnitCode(
        code,
        tuple((variable, name, offset) for variable, (name, offset) in text.keys.items()),
        tuple(text.paths.items()),
        tuple(text.labels),
        text.line_table(),
    )
