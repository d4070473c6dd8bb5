"""Tables on standard output, drawn by rich."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from system_manager.base.type_hints import Iterable, Sequence
from system_manager.cli.settings import Settings
from system_manager.cli.text import visible

_WIDE = 10_000  # nothing is wrapped or cut where no terminal would show it anyway


def console(settings: Settings) -> Console:
    """A console for results: coloured as asked, never folding lines that go into a file."""
    coloured = settings.coloured(sys.stdout)
    return Console(
        file=sys.stdout,
        force_terminal=coloured,
        no_color=not coloured,
        color_system="standard" if coloured else None,
        width=None if sys.stdout.isatty() else _WIDE,
        highlight=False,
        markup=False,
        emoji=False,
    )


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], settings: Settings) -> None:
    """Columns under headings, without lines around them."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console(settings).print(table)
