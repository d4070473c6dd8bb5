"""The text of ``--help``."""

from __future__ import annotations

import inspect
import shutil
import textwrap

from system_manager.base.type_hints import Iterable, Sequence
from system_manager.cli.command_line import Operands, Option, Verb

_MAX_WIDTH = 100
_MAX_FIRST_COLUMN = 30


def verb_help(name: str, verb: Verb, common: Sequence[Option]) -> str:
    """The help of one verb. ``common``: the options that it shares with all others."""
    usage = f"Usage: {name} [OPTIONS]{_shown_operands(verb.operands)}"
    sections = (("Options", _option_rows((*verb.options, *common))),)
    return _help(usage, inspect.getdoc(verb.run) or "", sections)


def program_help(name: str, description: str, options: Sequence[Option], verbs: Iterable[tuple[str, str]]) -> str:
    """The help of the whole program. ``verbs``: names and summaries."""
    usage = f"Usage: {name} [OPTIONS] VERB [OPTIONS]"
    return _help(usage, inspect.cleandoc(description), (("Options", _option_rows(options)), ("Verbs", list(verbs))))


def _shown_operands(operands: Operands | None) -> str:
    return f" {operands.metavar}" if operands else ""


def _option_rows(options: Iterable[Option]) -> list[tuple[str, str]]:
    return [(f"{', '.join(option.names)} {option.metavar}".rstrip(), option.help) for option in options if option.help]


def _help(usage: str, text: str, sections: Iterable[tuple[str, list[tuple[str, str]]]]) -> str:
    width = min(shutil.get_terminal_size().columns, _MAX_WIDTH) - 2
    parts = [usage]
    for paragraph in text.split("\n\n"):
        parts.append(textwrap.fill(paragraph, width, initial_indent="  ", subsequent_indent="  "))
    for title, rows in sections:
        parts.append("\n".join([f"{title}:", *_columns(rows, width)]))
    return "\n\n".join(parts) + "\n"


def _columns(rows: Sequence[tuple[str, str]], width: int) -> Iterable[str]:
    """Rows of two columns; a long first cell has a line of its own."""
    indent = max(min(len(first), _MAX_FIRST_COLUMN) for first, _ in rows) + 4
    for first, second in rows:
        lines = textwrap.wrap(second, max(width - indent, 20))
        if len(first) > _MAX_FIRST_COLUMN:
            yield f"  {first}"
            first = ""  # noqa: PLW2901 -- it has been shown
        for number, line in enumerate(lines):
            yield f"  {'' if number else first}".ljust(indent) + line
