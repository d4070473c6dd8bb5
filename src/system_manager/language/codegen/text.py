"""Python text under construction: lines, and where in the program each of them comes from.

An expression that can fail starts on a line of its own, behind a marker comment that ends the line before:
``(#1234:S`` and then the expression. When Python reports a line number, the marker tells the offset in the program
and what was being done there. This costs nothing when the code runs.
"""

from __future__ import annotations

import re

from system_manager.base.records import field, record
from system_manager.language.codegen.sites import Site
from system_manager.language.data_literals import Form

_MARKER = re.compile(r"#(\d+):(.)$")

INDENT = "  "
_UNMARKED = (-1, Site.PLAIN.value)


def marked(offset: int, site: Site, text: str) -> str:
    """The expression, on a fresh line that is known to come from ``offset``."""
    return f"(#{offset}:{site.value}\n{text})"


@record()
class UnitText:
    """The text of one unit, and the names of the program's namespace that it refers to.

    :param keys: attribute names with the offset of their definition, by variable.
    :param paths: path literals as written, by variable.
    :param labels: other units.
    :param data: forms of literals without code, by the variable of what makes their value.
    """

    lines: list[str] = field(default_factory=list)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    data: dict[str, Form] = field(default_factory=dict)

    def key(self, name: str, offset: int) -> str:
        """The variable that holds the attribute name as defined at ``offset``."""
        readable = name if name.isidentifier() and name.isascii() else re.sub("[^0-9A-Za-z]", "_", name)
        variable = f"K{offset}_{readable}"
        self.keys[variable] = (name, offset)
        return variable

    def path(self, text: str, offset: int) -> str:
        """The variable that holds the path value of a literal."""
        self.paths[f"P{offset}"] = text
        return f"P{offset}"

    def literal(self, form: Form, offset: int) -> str:
        """Text that makes the value of a literal without code."""
        self.data[f"D{offset}"] = form
        return f"D{offset}()"

    def label(self, label: str) -> str:
        """Note that another unit is referred to."""
        self.labels[label] = None
        return label

    def source(self) -> str:
        """The whole text."""
        return "\n".join(self.lines) + "\n"

    def line_table(self) -> list[tuple[int, str]]:
        """For every line of the text, offset and site of the marker before it; offset -1 without one."""
        table = [_UNMARKED]
        for line in "\n".join(self.lines).split("\n"):
            found = _MARKER.search(line) if line[-2:-1] == ":" else None
            table.append((int(found[1]), found[2]) if found else _UNMARKED)
        return table[:-1]
