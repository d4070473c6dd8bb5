"""Reading the table in which dnf shows a transaction.

::

    Installing:
     greeter          noarch        1.0-1          test            6.4 k
    Installing dependencies:
     a-package-with-a-very-long-name
                      noarch        2.0-1          test            5.9 k
    Transaction Summary

A row is as many words as there are columns, however it is broken into lines; only sizes may be two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from system_manager.base.records import record
from system_manager.host.packages import PackageAction

_SECTIONS = MappingProxyType(
    {
        "Installing": PackageAction.INSTALL,
        "Upgrading": PackageAction.UPGRADE,
        "Downgrading": PackageAction.DOWNGRADE,
        "Removing": PackageAction.REMOVE,
    }
)
_HEADING = re.compile(r"^([A-Z][a-z]+)( [a-z ]+)?:$")
_UNITS = frozenset({"B", "k", "M", "G", "KiB", "MiB", "GiB"})


@record(frozen=True)
class Row:
    """One package of a transaction."""

    action: PackageAction
    name: str
    architecture: str
    version: str


def parse_table(output: str) -> list[Row]:
    """The rows of every section whose heading is known; none if there is no table."""
    rows: list[Row] = []
    action: PackageAction | None = None
    words: list[str] = []
    for line in output.splitlines():
        heading = _HEADING.match(line)
        if heading or line.startswith("Transaction Summary"):
            if action is not None:
                rows += _rows(action, words)
            action, words = (_SECTIONS.get(heading[1]) if heading else None), []
        elif action is not None and not line.lstrip().startswith("replacing "):
            words += line.split()
    return rows


def _rows(action: PackageAction, words: list[str]) -> Iterator[Row]:
    position = 0
    while position + 5 <= len(words):
        name, architecture, version = words[position : position + 3]
        position += 5
        if position < len(words) and words[position] in _UNITS:
            position += 1
        yield Row(action, name, architecture, version)
