"""Being told to stop: SIGTERM and SIGINT are noted, and acted upon between two changes.

An exception raised by a signal handler could hit any line, the middle of a rollback included. So the handler
only sets a flag; the transaction looks at it at its checkpoints, and whoever waits for systemd is woken by
:attr:`Interruption.wake_descriptor`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

from system_manager.base.errors import SystemManagerError


class InterruptedRunError(SystemManagerError):
    """The user or the system asked the run to stop."""


def stop_at_once(number: int, _frame: FrameType | None) -> None:
    """The handler for as long as nothing is changed: while the program starts, plans, or only reads."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # to say that it stops is not stopped
    raise InterruptedRunError(f"stopped by {signal.Signals(number).name}; nothing was changed")


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """While the body runs, which changes nothing and may take long, the signals end it at once."""
    previous = {number: signal.signal(number, stop_at_once) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class Interruption:
    """The flag. As long as :meth:`handled` is not entered it never rises."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.wake_descriptor: int | None = None
        self._deferred = 0

    def checkpoint(self) -> None:
        """Raise :class:`InterruptedRunError` when a stop was asked for and it may be obeyed now."""
        if self.signal is not None and not self._deferred:
            raise InterruptedRunError(f"stopped by {self.signal.name}")

    def checkpoint_before_changes(self) -> None:
        """The same, where nothing was changed yet, which is said."""
        try:
            self.checkpoint()
        except InterruptedRunError as error:
            raise InterruptedRunError(f"{error.what}; nothing was changed") from None

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Run the body to its end whatever is asked; a rollback or a commit is never left half-way."""
        self._deferred += 1
        try:
            yield
        finally:
            self._deferred -= 1

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals in the body. A lost terminal (SIGHUP) does not stop an activation."""
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.wake_descriptor = reader

        def note(number: int, _frame: FrameType | None) -> None:
            self.signal = signal.Signals(number)
            with contextlib.suppress(BlockingIOError):
                os.write(writer, b"\0")

        previous = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
        previous[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            yield
        finally:
            for number, handler in previous.items():
                # What is left to do is to say how it ended.
                signal.signal(number, signal.SIG_IGN if handler is stop_at_once else handler)
            self.wake_descriptor = None
            os.close(reader)
            os.close(writer)
