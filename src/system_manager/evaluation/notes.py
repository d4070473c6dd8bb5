"""Notes on the way to an error, which are shown even where traces are cut short."""

from __future__ import annotations

from system_manager.base.type_hints import Callable, TypeVar
from system_manager.language.errors import EvaluationError

First = TypeVar("First")
Second = TypeVar("Second")
Result = TypeVar("Result")


def add_error_context(
    text: Callable[[First, Second], str], work: Callable[[First, Second], Result], first: First, second: Second
) -> Result:
    """``work(first, second)``; an error that leaves it gets the note ``text(first, second)``.

    The trace shows the note where this function is in it.
    """
    try:
        return work(first, second)
    except EvaluationError as error:
        error.add_context(text(first, second))
        raise
