"""The program that ``eval``, ``instantiate`` and ``parse`` work on: a file, standard input, or text."""

from __future__ import annotations

import os
import sys

from system_manager.base.errors import SystemManagerError, UsageError
from system_manager.base.type_hints import Sequence
from system_manager.cli.command_line import Argument, Option, named_file
from system_manager.language.source import Source

PROGRAM_OPTIONS = (
    Option(
        ("-f", "--file"),
        "files",
        "A file, a directory with a default.nix, or - for standard input.",
        metavar="FILE",
        convert=named_file,
        default=(),
        many=True,
        argument=Argument.FILE,
    ),
    Option(("-E", "--expr"), "expressions", "The program itself.", metavar="EXPR", default=(), many=True),
)


def read_program(files: Sequence[str], expressions: Sequence[str]) -> Source:
    """The source that the two options name. Raises :class:`UsageError` unless it is exactly one."""
    if len(files) + len(expressions) != 1:
        raise UsageError("give one program", hint="either --file FILE or --expr EXPR, once")
    directory = os.getcwd()
    for expression in expressions:
        return Source(expression, "«string»", directory)
    (file,) = files
    if file == "-":
        return Source.from_bytes(sys.stdin.buffer.read(), "«stdin»", directory)
    return _read_file(file)


def _read_file(path: str) -> Source:
    found = os.path.abspath(path)
    try:
        # Relative paths start beside the file that a link points to, as in Nix.
        found = os.path.realpath(path, strict=True)
        if os.path.isdir(found):
            found = f"{found}/default.nix"
            found = os.path.realpath(found, strict=True)
        with open(found, "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SystemManagerError(
            f"the program cannot be read: {reason}", where=found, hint="check the name and its permissions"
        ) from None
    return Source.from_bytes(data, found, os.path.dirname(found))
