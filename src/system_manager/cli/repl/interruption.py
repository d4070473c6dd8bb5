"""Ending an evaluation that somebody is tired of waiting for, without ending the program.

Evaluation runs in a thread of its own while the main thread waits. Ctrl-C reaches the main thread; from there,
:class:`KeyboardInterrupt` is raised in the thread that evaluates, between two of its instructions.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from contextlib import contextmanager

from system_manager.base.type_hints import Callable, Iterator, TypeVar
from system_manager.language.runtime import restore_thunks

Result = TypeVar("Result")


def interruptible(run: Callable[[Callable[[], Result]], Result], work: Callable[[], Result]) -> Result:
    """Call ``run(work)``, where ``run`` calls ``work`` in another thread. Only for the main thread.

    :raises KeyboardInterrupt: on Ctrl-C. What was being evaluated can be evaluated again.
    """
    evaluation = _Evaluation()
    with _handling_interrupts(evaluation):
        return run(lambda: evaluation.call(work))


class _Evaluation:
    """One call of a function in the thread that evaluates."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self._unwanted = False

    def interrupt(self) -> None:
        """End the call, or do not begin it."""
        self._unwanted = True
        if self._thread is not None:
            _raise_in(self._thread, KeyboardInterrupt)

    def call(self, work: Callable[[], Result]) -> Result:
        """Call the function, in the thread that evaluates. Raises KeyboardInterrupt when it was interrupted."""
        thread = self._thread = threading.get_ident()
        try:
            if self._unwanted:
                raise KeyboardInterrupt
            return work()
        except KeyboardInterrupt as error:
            restore_thunks(error)
            raise
        finally:
            self._thread = None
            # A signal that came too late must not be raised in whatever the thread does next.
            _raise_in(thread, None)


def _raise_in(thread: int, exception: type[BaseException] | None) -> None:
    """Raise an exception in another thread, or take back what has not been raised yet."""
    pointer = None if exception is None else ctypes.py_object(exception)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), pointer)


@contextmanager
def _handling_interrupts(evaluation: _Evaluation) -> Iterator[None]:
    previous = signal.signal(signal.SIGINT, lambda _number, _frame: evaluation.interrupt())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
