"""The session itself: read, understand, evaluate, print, and go on whatever happens."""

from __future__ import annotations

import contextlib
import functools
import sys
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.type_hints import Callable, Iterator, Sequence
from system_manager.cli.failure import print_defect, print_error
from system_manager.cli.repl.commands import COMMANDS, Building, Tools, find_command
from system_manager.cli.repl.inputs import Bindings, Command, IncompleteInputError, Program, understand
from system_manager.cli.repl.lines import Lines
from system_manager.cli.repl.value_text import value_text
from system_manager.cli.repl.workspace import Origin, Workspace
from system_manager.cli.settings import Settings
from system_manager.cli.text import unstyled
from system_manager.language.runtime import string_text, type_of
from system_manager.language.source import Source

_SHOWN_NAMES = 20


class Conversation:
    """One session. Values go to standard output, everything else to standard error.

    :param interactive: somebody sits at a terminal: Ctrl-C means them, and an empty line follows each answer.
    :param building: what builds derivations; None where the store is not written.
    """

    def __init__(
        self, workspace: Workspace, settings: Settings, *, interactive: bool, building: Building | None
    ) -> None:
        self.workspace = workspace
        self._settings = settings
        self._interactive = interactive
        self._tools = Tools(workspace, settings, building, voice=self)

    def start(self, origins: Sequence[Origin]) -> None:
        """Load what was named on the command line; what cannot be loaded now is tried again by a reload."""
        for origin in origins:
            self.note(f"Loading {origin}...")
            if not self._survive(functools.partial(self.load, origin)):
                self.workspace.remember(origin)

    def reload(self) -> None:
        """Forget every variable, and load everything again."""
        self.workspace.forget_variables()
        origins, self.workspace.origins = self.workspace.origins, []
        self.start(origins)

    def load(self, origin: Origin) -> None:
        """Load one file or program and say what came."""
        self.announce(self.workspace.run(lambda: self.workspace.load(origin)))

    def announce(self, names: Sequence[str]) -> None:
        """Say which variables were added."""
        self.note(f"Added {len(names)} variable{'' if len(names) == 1 else 's'}.")
        if names:
            self.note(", ".join(names[:_SHOWN_NAMES]))
        if len(names) > _SHOWN_NAMES:
            self.note(f"... and {len(names) - _SHOWN_NAMES} more; view with :ll")

    def converse(self, lines: Lines) -> None:
        """Answer until the lines end or somebody quits."""
        text = ""
        while True:
            try:
                line = lines.read(continuing=bool(text))
                if line is None:
                    break
                text = self._answer_or_wait(f"{text}{line}\n")
            except EOFError:
                return
            except KeyboardInterrupt:  # also one that came when its evaluation had just ended
                if not self._interactive:
                    raise
                sys.stdout.write("\n")
                text = ""
        if text.strip():
            self._survive(functools.partial(self._refuse_unfinished, text))

    def _answer_or_wait(self, text: str) -> str:
        """Answer; returns what further lines belong to: all of the text if it does not end here, else nothing."""
        try:
            self._survive(functools.partial(self._answer, text))
        except IncompleteInputError:
            return text
        if self._interactive:
            self.say("")
        return ""

    def say(self, text: str) -> None:
        """Print a result."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something that is no result."""
        sys.stderr.write(f"{text if sys.stderr.isatty() else unstyled(text)}\n")
        sys.stderr.flush()

    def show(self, source: Source, *, depth: int | None, plain_strings: bool) -> None:
        """Evaluate a program and print its value, ``depth`` levels of it, a string without quotes if asked for."""
        coloured = self._settings.coloured(sys.stdout)

        def text_of() -> str:
            value = self.workspace.evaluate(source)
            if plain_strings and type_of(value) == "string":
                return string_text(value)
            return value_text(value, depth=depth, coloured=coloured)

        self.say(self.workspace.run(text_of))

    def _answer(self, text: str) -> None:
        match understand(text, self.workspace.directory):
            case Command(name, argument):
                find_command(name).action(self._tools, argument)
            case Bindings(source):
                self.workspace.run(lambda: self.workspace.define(source))
            case Program(source):
                self.show(source, depth=1, plain_strings=False)

    def _refuse_unfinished(self, text: str) -> None:
        try:
            self._answer(text)
        except IncompleteInputError as error:
            raise error.__cause__ or error from None

    def _survive(self, work: Callable[[], None]) -> bool:
        """Do something and print what goes wrong; whether nothing did."""
        try:
            work()
        except (IncompleteInputError, EOFError, BrokenPipeError):
            raise
        except SystemManagerError as error:
            print_error(error, self._settings)
        except KeyboardInterrupt:
            if not self._interactive:
                raise
            self.note("error: interrupted by the user")
        except Exception as error:
            print_defect(error, self._settings)
        else:
            return True
        return False


@contextlib.contextmanager
def at_terminal(conversation: Conversation, settings: Settings) -> Iterator[Lines]:
    """The lines that somebody types, with completion and a history while the block lasts."""
    from importlib.metadata import version

    from system_manager.cli.places import state_directory
    from system_manager.cli.repl.completion import WORD_ENDS, complete
    from system_manager.cli.repl.lines import TerminalLines, line_editing

    commands = [name for command in COMMANDS for name in command.names]

    def propose(line: str, word: str) -> list[str]:
        return complete(line, word, conversation.workspace, commands)

    conversation.note(f"System Manager {version('system-manager')}\nType :? for help.")
    with line_editing(propose, WORD_ENDS, Path(state_directory(), "repl-history"), conversation.note):
        yield TerminalLines(coloured=settings.coloured(sys.stdout))
