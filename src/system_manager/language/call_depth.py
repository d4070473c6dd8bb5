"""How many levels deep an evaluation is, as Nix counts them against ``max-call-depth``.

A level is a call, whatever it calls and with however many arguments; and, as in Nix 2.34, a level of what ``==``,
conversions to strings, ``deepSeq``, JSON and XML go into. Thunks are none.

Most programs nest so little that nobody needs to count: every level but few takes a Python frame, and Python limits
those for nothing. Only where that limit is met, evaluation starts again in a way that counts every level.
"""

from __future__ import annotations

from system_manager.base.type_hints import NoReturn
from system_manager.language.errors import calls_too_deep

LEVELS: list[int] = [0, 10_000, 1]
"""How many levels are open, how many may be when one more is opened, and for how many one without a frame counts.

Generated code and deep evaluation change the first in place.
"""

_counting = [True]


def start_levels(allowed: int, frameless_weight: int, *, counting: bool) -> None:
    """Begin an evaluation without levels.

    :param allowed: how many levels may be open when one more is opened.
    :param frameless_weight: for how many levels one counts that takes no Python frame.
    :param counting: whether calls count.
    """
    LEVELS[:] = 0, allowed, frameless_weight
    _counting[0] = counting


def counts_calls() -> bool:
    """Whether calls count in this evaluation."""
    return _counting[0]


def check_level() -> None:
    """What opening a level and closing it at once comes to."""
    if LEVELS[0] > LEVELS[1]:
        refuse_level()


def enter_level() -> None:
    """Open a level. It is closed by :func:`leave_level`, or by whoever catches an error."""
    if LEVELS[0] > LEVELS[1]:
        refuse_level()
    LEVELS[0] += 1


def leave_level() -> None:
    """Close the innermost level."""
    LEVELS[0] -= 1


def refuse_level() -> NoReturn:
    """There are too many levels: the program's fault if all are counted, else a reason to count."""
    if not _counting[0]:
        raise RecursionError("levels have to be counted")
    LEVELS[0] = 0  # no program goes on after this error
    raise calls_too_deep()
