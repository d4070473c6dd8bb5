"""Delayed evaluation: making thunks, forcing them, and putting them back after an error.

A thunk is ``[code, environment]``. ``code`` is called with the thunk itself; it takes the environment out, marks
the thunk with :func:`blackhole` while it runs, and leaves ``[None, value]``. There is no ``try`` on that path: when
an error is caught, :func:`restore_thunks` finds the interrupted thunks in the traceback.
"""

from __future__ import annotations

from types import CodeType

from system_manager.base.type_hints import Any, Callable, NoReturn
from system_manager.language.errors import InfiniteRecursionError
from system_manager.language.values import PROGRAM, Lazy, Value

ThunkCode = Callable[[list[Any]], Value]


def force(value: Lazy) -> Value:
    """The value in weak head normal form; computed at most once."""
    if value.__class__ is list:
        code = value[0]
        if code is None:
            return value[1]
        return code(value)
    return value


def blackhole(_thunk: list[Any]) -> NoReturn:
    """The code of a thunk that is being forced."""
    raise InfiniteRecursionError("infinite recursion encountered")


_runtime_codes: dict[CodeType, ThunkCode] = {}


def thunk_code(function: ThunkCode) -> ThunkCode:
    """Register a hand-written thunk code, whose parameter must be called ``t``."""
    _runtime_codes[function.__code__] = function
    return function


@thunk_code
def _run_call(t: list[Any]) -> Value:
    function, arguments = t[1]
    t[0] = blackhole
    # Spelled out: a call with *arguments would go through C and use its stack.
    count = len(arguments)
    if count == 1:
        value = function(arguments[0])
    elif count == 2:
        value = function(arguments[0], arguments[1])
    elif count == 0:
        value = function()
    elif count == 3:
        value = function(arguments[0], arguments[1], arguments[2])
    else:
        value = function(*arguments)
    if value.__class__ is list:
        value = force(value)
    t[1] = value
    t[0] = None
    return value


def defer(function: Callable[..., Lazy], *arguments: Any) -> Lazy:
    """A thunk that calls a Python function when it is forced."""
    return [_run_call, (function, arguments)]


def restore_thunks(error: BaseException) -> None:
    """Make the thunks that ``error`` interrupted ready to be forced again.

    To be called by whoever catches an evaluation error and lets the program go on; forcing one of these thunks
    again then raises the same error instead of claiming infinite recursion.
    """
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        pending += (current.__cause__, current.__context__)
        entry = current.__traceback__
        while entry is not None:
            _restore_frame(entry.tb_frame)
            entry = entry.tb_next


def _restore_frame(frame: Any) -> None:
    code: CodeType = frame.f_code
    if code.co_varnames[:1] != ("t",):
        return
    thunk = frame.f_locals["t"]
    if thunk.__class__ is not list or thunk[0] is not blackhole:
        return
    function = _runtime_codes.get(code)
    if function is None and PROGRAM in frame.f_globals:
        function = frame.f_globals[code.co_name]
    if function is not None:
        thunk[0] = function
