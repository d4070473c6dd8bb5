"""Attribute paths of the program that a command line is about, found by evaluating it."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from system_manager.base.errors import UsageError
from system_manager.base.type_hints import Any, Iterable, Mapping
from system_manager.cli.evaluation_options import EvaluationOptions
from system_manager.cli.program import read_program
from system_manager.cli.selection import Choice, find_configuration
from system_manager.cli.sessions import session_maker
from system_manager.cli.settings import Settings
from system_manager.evaluation.selection import call_automatically, parse_attribute_path, select_along
from system_manager.language.runtime import Value, sorted_names, type_of
from system_manager.language.source import Source

_PATIENCE = 10
"""Seconds that somebody who pressed Tab waits for an evaluation at most."""

_PLAIN = re.compile(r'[^."]+')
"""Names that an attribute path holds without quotes."""


def attribute_paths(current: str, arguments: Mapping[str, Any], settings: Settings) -> list[str]:
    """The attribute paths that begin with ``current`` and are one name longer than what is before its last dot.

    Nothing is written or built for them.

    :param arguments: what the verb would be called with.
    :raises SystemManagerError: when there is no program, or when it cannot be evaluated that far.
    """
    source, options = _program(arguments, settings)
    beginning, dot, _ = current.rpartition(".")
    signal.signal(signal.SIGALRM, lambda _number, _frame: os._exit(1))
    signal.alarm(_PATIENCE)
    with session_maker(settings, options, write=False)(False, False) as session:

        def names() -> list[str]:
            known = session.automatic_arguments(options.expressions, options.texts)
            value = select_along(session.evaluate_source(source), parse_attribute_path(beginning), known)
            return list(_parts(call_automatically(value, known)))

        found = session.run(names)
    signal.alarm(0)
    paths = (f"{beginning}{dot}{name}" for name in found)
    return [path for path in paths if path.startswith(current)]


def _parts(value: Value) -> Iterable[str]:
    """The names in a set, the indices of a list, as they are written in an attribute path."""
    match type_of(value):
        case "set":
            # A name with quotes in it cannot be written at all.
            return (name if _PLAIN.fullmatch(name) else f'"{name}"' for name in sorted_names(value) if '"' not in name)
        case "list":
            return map(str, range(len(value)))
    return ()


def _program(arguments: Mapping[str, Any], settings: Settings) -> tuple[Source, EvaluationOptions]:
    choice = arguments.get("choice")
    if isinstance(choice, Choice):
        file = find_configuration(_expanded(choice.file), Path(settings.root))
        return read_program((str(file),), ()), EvaluationOptions((), {}, {}, choice.search_path, choice.language)
    files = [*arguments.get("files", ()), *arguments.get("more_files", ())][:1]
    if files == ["-"]:
        raise UsageError("standard input can be read once only")
    expressions = () if files else arguments.get("expressions", ())[:1]
    return read_program([os.path.expanduser(file) for file in files], expressions), arguments["options"]


def _expanded(file: str | None) -> str | None:
    """What the shell will make of ``~/…``."""
    return None if file is None else os.path.expanduser(file)
