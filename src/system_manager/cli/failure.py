"""What is printed when a command fails. Always on standard error, never a traceback."""

from __future__ import annotations

import errno
import os
import re
import sys
import time
import traceback
from pathlib import Path

from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.cli.places import state_directory
from system_manager.cli.progress import clear_line
from system_manager.cli.settings import Settings
from system_manager.cli.text import styled, unstyled, visible
from system_manager.evaluation.settings import DERIVATION_NAME
from system_manager.language.errors import EvaluationError, InfiniteRecursionError
from system_manager.language.source import Position

# How a toplevel is put together from options, sets and derivations; that a mistake came to light there says nothing.
_ASSEMBLY = re.compile(
    r"while evaluating (derivation '|attribute '|list element |the option `("
    r"system-manager\.build\.|assertions'|warnings'|systemd\.units'|environment\.etc\.\"tmpfiles\.d/system-manager-path\.))"
)


def print_error(error: SystemManagerError, settings: Settings) -> None:
    """What went wrong, where, and what to do."""
    if settings.json:
        position = error.position if isinstance(error, EvaluationError) else None
        where = str(position) if position is not None else error.where
        kind = getattr(error, "kind", type(error).__name__)
        _print_json(kind, error.what, where, error.hint, error.exit_code)
        return
    clear_line()
    coloured = settings.coloured(sys.stderr)
    if isinstance(error, EvaluationError):
        if not settings.show_trace:
            _hide_library(error)
        text = error.render(show_trace=settings.show_trace)
        _write(text.replace("error:", styled("error:", "red", bold=True)), coloured)
        return
    lines = [styled("error:", "red", bold=True) + " " + visible(error.what)]
    for label, part, colour in (("   at:", error.where, "blue"), (" hint:", error.hint, "cyan")):
        if part:
            text = visible(part).replace("\n", "\n       ")
            lines.append(f"{styled(label, colour, bold=True)} {text}")
    _write("\n".join(lines), coloured)


def _write(text: str, coloured: bool) -> None:
    sys.stderr.write(f"{text if coloured else unstyled(text)}\n")


def _hide_library(error: EvaluationError) -> None:
    """Leave out the places in our own library, which are no help to whoever has made a mistake elsewhere."""
    library = str(Path(__file__).parents[1] / "library") + "/"
    ours = (library, DERIVATION_NAME)

    def is_foreign(position: Position | None) -> bool:
        return position is None or not position.source.name.startswith(ours)

    places = [error.position, *(frame.position for frame in error.frames)]
    assembles = any(place is not None and place.source.name.startswith(library) for place in places)
    error.frames = tuple(
        frame
        for frame in error.frames
        if is_foreign(frame.position) and library not in frame.note and not (assembles and _ASSEMBLY.match(frame.note))
    )
    if not is_foreign(error.position):
        # A loop goes through the library and comes from what the user wrote last on the way.
        passed = error.passed if isinstance(error, InfiniteRecursionError) else ()
        error.position = next((position for position in reversed(passed) if is_foreign(position)), None)


def _print_json(kind: str, what: str, where: str | None, hint: str | None, code: int) -> None:
    import json

    error = {"kind": kind, "what": what, "where": where, "hint": hint, "exitCode": int(code)}
    sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")


# What no program can foresee at every place where it may happen, and what is no fault of it.
_OF_THE_SYSTEM = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EROFS}
)


def told_by_the_system(error: Exception) -> SystemManagerError | None:
    """An error of the machine's that came up where nobody expected it, in our words; None for any other one."""
    if not isinstance(error, OSError):
        return None
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return SystemManagerError("the current directory does not exist any more", hint="change to one that does")
    if error.errno not in _OF_THE_SYSTEM:
        return None
    if error.filename is None:
        return SystemManagerError(f"the output cannot be written: {error.strerror}")
    return SystemManagerError(str(error.strerror), where=str(error.filename))


def print_defect(error: Exception, settings: Settings) -> None:
    """An exception that nobody foresaw: a fault of this program. The details go into a file."""
    what = f"this should not have happened: {type(error).__name__}: {error}"
    try:
        report = write_report("".join(traceback.format_exception(error)))
        hint = f"please report it with the file {report}"
    except OSError as problem:
        hint = f"the details could not be written to a file: {problem}"
    if settings.json:
        _print_json("Defect", what, None, hint, ExitCode.ERROR)
    else:
        print_error(SystemManagerError(what, hint=hint), settings)


def write_report(details: str) -> Path:
    """Write what only a developer wants to know to a file of this user's alone. Raises OSError."""
    directory = Path(state_directory())
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"report-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    # Values of a configuration may be in the text, so nobody else may read it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    # It may have names of files in it that are no text in any encoding.
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{sys.version}\n{sys.argv[1:2]}\n\n{details}")
    return path
