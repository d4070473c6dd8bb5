"""The program that ``eval``, ``instantiate`` and ``parse`` work on: a file, standard input, or text."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from system_manager.base.errors import SystemManagerError, UsageError
from system_manager.cli.command_line import Option
from system_manager.language.source import Source

PROGRAM_OPTIONS = (
    Option(
        ("-f", "--file"), "file", "A file, a directory with a default.nix, or - for standard input.", metavar="FILE"
    ),
    Option(("-E", "--expr"), "expression", "The program itself.", metavar="EXPR"),
)


def read_program(file: str | None, expression: str | None) -> Source:
    """The source that the two options name. Raises :class:`UsageError` unless it is exactly one."""
    if (file is None) == (expression is None):
        raise UsageError("give one program", hint="either --file FILE or --expr EXPR")
    directory = os.getcwd()  # noqa: PTH109  (a text)
    if expression is not None:
        return Source(expression, "«string»", directory)
    assert file is not None
    if file == "-":
        return Source.from_bytes(sys.stdin.buffer.read(), "«stdin»", directory)
    return _read_file(Path(file))


def _read_file(path: Path) -> Source:
    found = path.absolute()
    try:
        # Relative paths start beside the file that a link points to, as in Nix.
        found = found.resolve(strict=True)
        if found.is_dir():
            found = found / "default.nix"
            found = found.resolve(strict=True)
        data = found.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SystemManagerError(
            f"the program cannot be read: {reason}", where=str(found), hint="check the name and its permissions"
        ) from None
    return Source.from_bytes(data, str(found), str(found.parent))
