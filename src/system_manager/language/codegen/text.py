"""Python text under construction: lines, and where in the program each of them comes from.

An expression that can fail starts on a line of its own, behind a marker comment that ends the line before: ``(#12`` and
then the expression. When Python reports a line number, the number of the marker tells the offset in the program and
what was being done there. This costs nothing when the code runs.

What differs between units that do the same is not in the text but beside it: strings and offsets, the names of what the
program's namespace holds, the offsets of the markers. Units of equal text share one compilation, see
:mod:`~system_manager.language.codegen.shapes`.
"""

from __future__ import annotations

from system_manager.base.records import field, record
from system_manager.language.codegen.sites import Site
from system_manager.language.data_literals import Form

INDENT = "  "


@record()
class UnitText:
    """The text of one unit, and what it leaves out.

    :param keys: attribute names with the offset of their definition, by variable.
    :param paths: path literals as written, by variable.
    :param labels: other units.
    :param data: forms of literals without code, by the variable of what makes their value.
    :param names: the variables of the program's namespace for their names in the text.
    :param constants: the names in the text of strings and offsets.
    :param marks: offset and site of each marker, as :attr:`~system_manager.language.unit_code.UnitCode.lines` has them.
    """

    lines: list[str] = field(default_factory=list)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    data: dict[str, Form] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    constants: dict[str | int, str] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    _shown: dict[str, str] = field(default_factory=dict)

    def marked(self, offset: int, site: Site, text: str) -> str:
        """The expression, on a fresh line that is known to come from ``offset``."""
        self.marks.append(f"{offset}{site.value}")
        return f"(#{len(self.marks) - 1}\n{text})"

    def constant(self, value: str | int) -> str:
        """A string or an offset."""
        shown = self.constants.get(value)
        if shown is None:
            shown = self.constants[value] = f"'s{len(self.constants)}'"
        return shown

    def key(self, name: str, offset: int) -> str:
        """The variable that holds the attribute name as defined at ``offset``."""
        variable = f"K{offset}_{name}"
        self.keys[variable] = (name, offset)
        return self._global(variable)

    def path(self, text: str, offset: int) -> str:
        """The variable that holds the path value of a literal."""
        self.paths[f"P{offset}"] = text
        return self._global(f"P{offset}")

    def literal(self, form: Form, offset: int) -> str:
        """Text that makes the value of a literal without code."""
        self.data[f"D{offset}"] = form
        return f"{self._global(f'D{offset}')}()"

    def label(self, label: str) -> str:
        """Another unit."""
        self.labels[label] = None
        return self._global(label)

    def _global(self, variable: str) -> str:
        shown = self._shown.get(variable)
        if shown is None:
            shown = self._shown[variable] = f"G{len(self._shown)}"
            self.names[shown] = variable
        return shown

    def legend(self) -> str:
        """What the names and the markers in the text stand for, for people."""
        names = [f"{shown} = {variable}" for shown, variable in self.names.items()]
        constants = [f"{shown} = {value!r}" for value, shown in self.constants.items()]
        return ", ".join([*names, *constants, *[f"#{index} = {mark}" for index, mark in enumerate(self.marks)]])

    def source(self) -> str:
        """The whole text."""
        return "\n".join(self.lines) + "\n"
