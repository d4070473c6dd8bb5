"""Where the lines of a session come from: a terminal, with editing, history and completion, or any other input."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from system_manager.base.type_hints import Callable, Iterator, Protocol

PROMPT = "nix-repl> "
_CONTINUATION = "        > "
_KEPT_LINES = 10_000
_SECONDS_BETWEEN_LOOKS = 0.2

Complete = Callable[[str, str], list[str]]


class Lines(Protocol):
    """A source of lines."""

    def read(self, *, continuing: bool) -> str | None:
        """The next line without its end, or None after the last. ``continuing``: it belongs to the one before."""


class ScriptLines:
    """Lines of standard input, whatever it is."""

    def read(self, *, continuing: bool) -> str | None:  # noqa: ARG002  (nobody is asked)
        """The next line."""
        line = sys.stdin.buffer.readline()
        return line.decode("utf-8", "surrogateescape").removesuffix("\n") if line else None


class TerminalLines:
    """Lines that somebody types."""

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured

    def read(self, *, continuing: bool) -> str | None:
        """Ask for the next line. Ctrl-C raises KeyboardInterrupt."""
        try:
            with _signals_are_noticed():
                return input(self._prompt(_CONTINUATION if continuing else PROMPT))
        except EOFError:
            sys.stdout.write("\n")
            return None

    def _prompt(self, text: str) -> str:
        # The marks tell the line editor what takes no room on the screen.
        return f"\1\x1b[1;34m\2{text}\1\x1b[0m\2" if self._coloured else text


@contextlib.contextmanager
def _signals_are_noticed() -> Iterator[None]:
    # The interpreter only notes that Ctrl-C arrived; what makes it act on the note, while it waits for keys, is that
    # the wait is interrupted. Ctrl-C between the last look at the notes and the wait would have to be pressed again.
    before = signal.signal(signal.SIGALRM, lambda _signal, _frame: None)
    signal.siginterrupt(signal.SIGALRM, False)  # ends waits for keys (select) only; output goes on
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_BETWEEN_LOOKS, _SECONDS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def line_editing(complete: Complete, word_ends: str, history: Path, warn: Callable[[str], None]) -> Iterator[None]:
    """Give :func:`input` completion, and a history that outlives the session, inside the block.

    :param complete: gets the line up to the cursor and the word at its end; returns what the word may become.
    :param history: the file; only its owner may read it.
    :param warn: told why there is no history, if there can be none.
    """
    import readline

    candidates: list[str] = []

    def propose(word: str, state: int) -> str | None:
        if state == 0:
            candidates[:] = complete(readline.get_line_buffer()[: readline.get_endidx()], word)
        return candidates[state] if state < len(candidates) else None

    readline.set_completer(propose)
    readline.set_completer_delims(word_ends)
    edited_by_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if edited_by_libedit else "tab: complete")
    try:
        _make_private(history)
        readline.read_history_file(history)
    except OSError as error:
        warn(f"the history cannot be kept: {history}: {error.strerror}")
        yield
        return
    known = readline.get_current_history_length()
    try:
        yield
    finally:
        readline.set_history_length(_KEPT_LINES)
        with contextlib.suppress(OSError):  # the disk may have become full; what was evaluated is not less true
            # Appended, so that sessions side by side do not lose each other's lines.
            readline.append_history_file(readline.get_current_history_length() - known, history)


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # What is typed may hold secrets, so nobody else may read it, not for a moment.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
