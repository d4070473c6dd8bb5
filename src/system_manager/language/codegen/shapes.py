"""Units that do the same: their text is equal, and what differs is put into the code that Python made of it.

Of the units that run in a large evaluation, a third have a text of their own.
"""

from __future__ import annotations

from types import CodeType

from system_manager.base.records import record
from system_manager.base.type_hints import Any, TypeAlias
from system_manager.language.codegen.sites import Site
from system_manager.language.codegen.text import UnitText

Shapes: TypeAlias = dict[str, "Shape"]
"""What has been compiled, by its text."""


@record()
class Shape:
    """The code of a text.

    :param markers: for each line but the first, the number of the marker before it; None without one.
    """

    code: CodeType
    markers: tuple[int | None, ...]


def compile_text(text: UnitText, label: str, shapes: Shapes) -> tuple[CodeType, str]:
    """The code of a unit, and offset and site of each of its lines.

    :param label: the name of the code.
    :param shapes: is added to.
    """
    source = text.source()
    shape = shapes.get(source)
    if shape is None:
        shape = shapes[source] = _compile(source)
    values = {shown[1:-1]: value for value, shown in text.constants.items()}
    marks = text.marks
    lines = [Site.PLAIN.value, *[Site.PLAIN.value if marker is None else marks[marker] for marker in shape.markers]]
    return _filled(shape.code, label, text.names, values), "".join(lines)


def _compile(source: str) -> Shape:
    module = compile(source, "<nix>", "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    pieces = [line.partition("#")[2] for line in source.split("\n")[:-2]]
    return Shape(code, tuple([int(number) if number else None for number in pieces]))


def _filled(code: CodeType, label: str, names: dict[str, str], values: dict[str, str | int]) -> CodeType:
    def filled(constant: Any) -> Any:
        kind = constant.__class__
        if kind is str:
            return values[constant]
        if kind is CodeType:
            return _filled(constant, label, names, values)
        return tuple([filled(item) for item in constant]) if kind is tuple else constant

    return code.replace(
        co_name=label,
        co_qualname=label,
        co_names=tuple([names.get(name, name) for name in code.co_names]),
        co_consts=tuple([filled(constant) for constant in code.co_consts]),
    )
