"""Running the demonstration's commands, aloud or in silence."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence

from tests.support.machine import Machine

_BOLD, _DIM, _GREEN, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[0m"


class StoryError(Exception):
    """Something came out other than told."""


class Narrator:
    """Runs commands on a machine and checks how they end.

    :param aloud: print headings, commands and what they say.
    :param coloured: with colour, also from the commands.
    """

    def __init__(self, machine: Machine, *, aloud: bool, coloured: bool) -> None:
        self.machine = machine
        self.coloured = coloured
        self._aloud = aloud
        self._started = time.monotonic()

    def heading(self, text: str) -> None:
        """A new chapter."""
        elapsed = self._styled(_DIM, f"{time.monotonic() - self._started:6.1f} s")
        self._print(f"\n{elapsed}  {self._styled(_BOLD, text)}\n")

    def remark(self, text: str) -> None:
        """What to look at."""
        self._print(textwrap.indent(textwrap.fill(text, 100), "          "))

    def show(self, command: str, *, ends_with: int = 0, says: Sequence[str] = ()) -> str:
        """Run a shell command inside, show it with its output, and return the output.

        :param ends_with: the exit code that is right.
        :param says: texts that have to be in the output.
        """
        self._print(f"          {self._styled(_BOLD, f'# {command}')}")
        completed = self.run(command)
        self._print(textwrap.indent(completed.stdout.rstrip("\n"), "          "))
        if completed.returncode != 0:
            self._print(f"          {self._styled(_DIM, f'exit code {completed.returncode}')}")
        self.check(
            completed.returncode == ends_with,
            f"{command}: exit code {completed.returncode}, not {ends_with}",
            completed.stdout,
        )
        for text in says:
            self.check(text in completed.stdout, f"{command}: its output lacks {text!r}", completed.stdout)
        return completed.stdout

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command inside without showing it; output and errors come together, in order."""
        return self.machine.run(f"exec 2>&1; {command}", check=False)

    def check(self, right: bool, what: str, details: str = "") -> None:
        """Raise :class:`StoryError` unless it is right."""
        if not right:
            # Aloud, the details have just been shown.
            raise StoryError(what if self._aloud else f"{what}\n{details}".rstrip())

    def proven(self, text: str) -> None:
        """A fact that was just checked."""
        self._print(f"          {self._styled(_GREEN, '✓')} {text}")

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self.coloured else text

    def _print(self, text: str) -> None:
        if self._aloud:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
