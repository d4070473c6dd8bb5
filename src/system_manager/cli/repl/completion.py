"""What the word under the cursor may become: commands, files, attributes and variables."""

from __future__ import annotations

import glob
import os

from system_manager.base.errors import SystemManagerError
from system_manager.base.type_hints import Iterable
from system_manager.cli.repl.inputs import NAME
from system_manager.cli.repl.workspace import Workspace
from system_manager.language.describe import quote_attribute_name
from system_manager.language.runtime import force_attributes
from system_manager.language.source import Source

WORD_ENDS = ' \t\n(){}[];,=!?+*|&$"'
"""Characters that the word under the cursor begins behind."""

_TAKE_FILES = frozenset({":l", ":load"})


def complete(line: str, word: str, workspace: Workspace, commands: Iterable[str]) -> list[str]:
    """Everything that ``word`` may be completed to, sorted.

    :param line: the text up to the cursor; it ends with ``word``.
    :param commands: names of commands, with their colons.
    """
    before = line[: len(line) - len(word)].strip()
    if not before and word.startswith(":"):
        return sorted(name for name in commands if name.startswith(word))
    if "/" in word or word.startswith("~") or before in _TAKE_FILES:
        return _paths(word)
    subject, dot, start = word.rpartition(".")
    if not dot:
        return sorted({name for name in workspace.names() if name.startswith(start)})
    try:
        names = workspace.run(lambda: list(force_attributes(_evaluate(subject, workspace))))
    except (SystemManagerError, KeyboardInterrupt):
        return []  # the word is not, or not yet, about a set
    shown = sorted(map(quote_attribute_name, names))
    return [f"{subject}.{name}" for name in shown if name.startswith(start)]


def _evaluate(text: str, workspace: Workspace) -> object:
    return workspace.evaluate(Source(text, NAME, workspace.directory))


def _paths(word: str) -> list[str]:
    pattern = glob.escape(os.path.expanduser(word)) + "*"
    found = sorted(glob.glob(pattern))
    return [f"{path}/" if os.path.isdir(path) else path for path in found]
