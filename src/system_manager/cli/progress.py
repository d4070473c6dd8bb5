"""What is said while working, on standard error: lines that stay, and on a terminal one line that changes."""

from __future__ import annotations

import sys

from system_manager.base.events import (
    BuildFinished,
    BuildOutput,
    BuildStarted,
    ChangeApplied,
    ChangeReverted,
    Event,
    Notice,
    Observer,
    PhaseFinished,
    PhaseStarted,
    Traced,
    Warned,
)
from system_manager.base.type_hints import TextIO
from system_manager.cli.settings import Settings
from system_manager.cli.text import styled, unstyled, visible

_CLEAR_LINE = "\r\x1b[2K"


def observer(settings: Settings) -> Observer:
    """The observer that the settings ask for."""
    if settings.json:
        from system_manager.generation.event_stream import LineWriter

        return LineWriter(sys.stderr)
    return Progress(sys.stderr, coloured=settings.coloured(sys.stderr), verbose=settings.verbose)


def clear_line() -> None:
    """Take away a changing line that nobody finished; whoever prints next starts on a clean one."""
    if sys.stderr.isatty():
        sys.stderr.write(_CLEAR_LINE)


class Progress:
    """Shows events to a person.

    :param coloured: use colour.
    :param verbose: builds and changes leave a line each.
    """

    def __init__(self, stream: TextIO, *, coloured: bool, verbose: bool) -> None:
        self._stream = stream
        self._coloured = coloured
        self._verbose = verbose
        self._terminal = stream.isatty()
        self._width = 80
        self._passing = False
        if self._terminal:
            import shutil

            self._width = shutil.get_terminal_size().columns

    def notify(self, event: Event) -> None:
        """Show one event."""
        match event:
            case PhaseStarted(name):
                self._pass(name)
            case BuildStarted(path):
                self._pass(f"building {_derivation_name(path)}", stays=self._verbose)
            case BuildOutput(path, line):
                if self._verbose:
                    self._stay(f"  {_derivation_name(path)}> {visible(line)}", dim=True)
            case ChangeApplied(description):
                self._pass(description, stays=self._verbose)
            case ChangeReverted(description):
                self._stay(f"reverted: {visible(description)}", colour="yellow")
            case Notice(text):
                self._stay(visible(text))
            case Warned(text):
                label = styled("warning:", "yellow", bold=True)
                self._write(f"{label} {visible(text)}\n")
            case Traced(text):
                self._write(f"{text}\n")
            case PhaseFinished():
                self._write("")
            case BuildFinished():
                pass

    def _pass(self, text: str, *, stays: bool = False) -> None:
        if not self._terminal or stays:
            if stays or (not self._terminal and self._verbose):
                self._stay(visible(text), dim=True)
            return
        line = visible(text).partition("\n")[0][: self._width - 3]
        self._emit(f"{_CLEAR_LINE}{styled(f'{line} …', dim=True)}")
        self._passing = True

    def _stay(self, text: str, *, colour: str | None = None, dim: bool = False) -> None:
        self._write(styled(text, colour, dim=dim) + "\n")

    def _write(self, text: str) -> None:
        self._emit((_CLEAR_LINE if self._passing else "") + text)
        self._passing = False

    def _emit(self, text: str) -> None:
        if self._passing or text:
            self._stream.write(text if self._coloured else _plain(text))
            self._stream.flush()


def _plain(text: str) -> str:
    clear = text.startswith(_CLEAR_LINE)
    return (_CLEAR_LINE if clear else "") + unstyled(text.removeprefix(_CLEAR_LINE))


def _derivation_name(path: str) -> str:
    return path.rpartition("/")[2].partition("-")[2].removesuffix(".drv") or path
