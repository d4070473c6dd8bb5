"""Where an evaluation error happened, read from the Python traceback after the fact.

Errors that cost nothing to detect are left to Python: a missing attribute is a ``KeyError`` in generated code, a
selection from something that is no set a ``TypeError``. They are recognised by the site that the generated line is
marked with. The same exceptions anywhere else are faults of the evaluator and stay recognisable as such.
"""

from __future__ import annotations

import re
from types import TracebackType

from system_manager.base.records import record
from system_manager.base.type_hints import Any, Iterator
from system_manager.language.abi import selection_position
from system_manager.language.codegen.sites import Site
from system_manager.language.describe import describe_value, quote_attribute_name
from system_manager.language.errors import (
    EvaluationError,
    EvaluationTypeError,
    Frame,
    InfiniteRecursionError,
    InternalError,
    MissingArgumentError,
    MissingAttributeError,
    UndefinedVariableError,
    calls_too_deep,
    suggest_names,
)
from system_manager.language.program import Program
from system_manager.language.runtime import forced_value
from system_manager.language.source import Position
from system_manager.language.values import PROGRAM, Value, describe_builtin_code, type_name

_NOTES = {
    Site.IF: "while evaluating a branch condition",
    Site.ASSERT: "in the condition of the assert statement",
    Site.NOT: "in the argument of the not operator",
    Site.LEFT_OF_AND: "in the left operand of the AND (&&) operator",
    Site.RIGHT_OF_AND: "in the right operand of the AND (&&) operator",
    Site.LEFT_OF_OR: "in the left operand of the OR (||) operator",
    Site.RIGHT_OF_OR: "in the right operand of the OR (||) operator",
    Site.LEFT_OF_IMPLIES: "in the left operand of the IMPL (->) operator",
    Site.RIGHT_OF_IMPLIES: "in the right operand of the IMPL (->) operator",
    Site.INTERPOLATE: "while evaluating a path segment",
}

_PYTHON_TYPES = {
    "int": "an integer",
    "float": "a float",
    "bool": "a Boolean",
    "NoneType": "null",
    "str": "a string",
    "string": "a string",
    "StringWithContext": "a string with context",
    "NixPath": "a path",
    "tuple": "a list",
    "function": "a function",
    "method": "a function",
}

_EXPLAINED_ENDS = 10_000  # frames
_MAX_ENTRIES = 500
"""How much of either end of the traceback is looked at: that of runaway recursion has a million entries."""

_NO_SUBSCRIPT = re.compile(r"'(\w+)' object is not subscriptable|(tuple|string) indices must be integers")


@record(frozen=True)
class _Place:
    """One active piece of generated code."""

    program: Program
    label: str
    offset: int
    site: Site
    variables: Any


def explain(error: BaseException) -> EvaluationError:
    """The error as the user should see it, with position and frames."""
    if isinstance(error, EvaluationError) and error.explained:
        return error
    places = list(_places(error))
    if isinstance(error, EvaluationError):
        result = error
        result.explained = True
    else:
        result = _understand(error)
        result.__cause__ = error
    if result.position is None and places:
        result.position = _position(places[-1])
    if isinstance(result, InfiniteRecursionError):
        result.passed = tuple(_passed(error))
    result.frames = tuple(_frames(error, result))
    result.explained = True
    return result


def _passed(error: BaseException) -> Iterator[Position]:
    for entry in _entries(error):
        place = _place(entry)
        position = _position(place) if place is not None else selection_position(entry.tb_frame)
        if position is not None:
            yield position


def as_evaluation_error(error: Exception) -> EvaluationError:
    """The error that a raw Python exception from generated code means; for builtins that add context."""
    if isinstance(error, EvaluationError):
        return error
    places = list(_places(error))
    result = _understand(error)
    if result.position is None and places:
        result.position = _position(places[-1])
    return result


def _position(place: _Place) -> Position:
    """The marked place, or that of the whole unit."""
    offset = place.offset
    if offset < 0:
        offset = place.program.facts_of(place.label).offset
    return place.program.position(offset)


def _entries(error: BaseException) -> list[TracebackType]:
    """The traceback from the outermost to the innermost frame, through re-raised errors.

    Of endless recursion, only both ends are given: explaining a million frames would take many seconds. A call that
    was refused did not begin: the caller is the innermost.
    """
    entries = []
    cause: BaseException | None = error
    while cause is not None:
        entry = cause.__traceback__
        while entry is not None:
            entries.append(entry)
            entry = entry.tb_next
        cause = cause.__cause__
    called = _place(entries[-2]) if len(entries) > 1 else None
    if called is not None and called.site is Site.ENTRY:
        del entries[-2:]
    if len(entries) > 2 * _EXPLAINED_ENDS:
        return entries[:_EXPLAINED_ENDS] + entries[-_EXPLAINED_ENDS:]
    return entries


def _places(error: BaseException) -> Iterator[_Place]:
    for entry in _entries(error):
        place = _place(entry)
        if place is not None:
            yield place


def _place(entry: TracebackType) -> _Place | None:
    frame = entry.tb_frame
    program = frame.f_globals.get(PROGRAM)
    if not isinstance(program, Program):
        return None
    label = frame.f_code.co_name
    lines = program.lines(label)
    if entry.tb_lineno > len(lines):
        return None
    offset, site = lines[entry.tb_lineno - 1]
    return _Place(program, label, offset, Site(site), frame)


def _understand(error: BaseException) -> EvaluationError:
    """What a Python exception says about the program."""
    if isinstance(error, RecursionError):
        return calls_too_deep()
    innermost = None
    entries = _entries(error)
    if entries:
        innermost = _place(entries[-1])
    if innermost is not None:
        if isinstance(error, KeyError) and isinstance(error.args[0], str):
            found = _missing(innermost, error.args[0])
            if found is not None:
                return found
        if isinstance(error, TypeError) and innermost.site in {Site.SELECT, Site.WITH, Site.FORMAL}:
            found = _no_set(innermost, str(error))
            if found is not None:
                return found
    # Where Python has no memory for the MemoryError itself, it complains of an exception that is not there.
    if isinstance(error, MemoryError | SystemError):
        return EvaluationError("out of memory")
    return InternalError(
        f"the evaluator failed with {type(error).__name__}: {error}",
        hint="this is a fault of the program, not of yours",
    )


def _missing(place: _Place, name: str) -> EvaluationError | None:
    if place.site is Site.SELECT:
        shown = quote_attribute_name(name)
        return MissingAttributeError(
            f"attribute '{shown}' missing", suggestions=suggest_names(name, _nearby(place, name))
        )
    if place.site is Site.WITH:
        return UndefinedVariableError(
            f"undefined variable '{name}'", suggestions=suggest_names(name, _nearby(place, name))
        )
    if place.site is Site.FORMAL:
        description = place.program.describe_lambda(place.label)
        called = description.name or "anonymous lambda"
        return MissingArgumentError(f"function '{called}' called without required argument '{name}'")
    return None


def _nearby(place: _Place, name: str) -> list[str]:
    """Names in the sets that the failing code was holding: one of them is the set that was selected from."""
    names: dict[str, None] = {}
    for value in _held_values(place):
        if value.__class__ is dict and name not in value:
            names.update(dict.fromkeys(value))
    return list(names)


def _held_values(place: _Place) -> Iterator[Value]:
    """The values that the failing code's variables hold, as far as they are known."""
    for variable, held in place.variables.f_locals.items():
        known, value = forced_value(held)
        if known and variable != "t":
            yield value


def _no_set(place: _Place, message: str) -> EvaluationError | None:
    found = _NO_SUBSCRIPT.search(message)
    if found is None:
        return None
    actual = _PYTHON_TYPES.get(found[1] or found[2])
    if actual is None:
        return None
    note = {
        Site.SELECT: "while selecting an attribute",
        Site.WITH: "while evaluating the first subexpression of a with expression",
    }.get(place.site)
    shown = {describe_value(value) for value in _held_values(place) if type_name(value) == actual}
    value = f": {shown.pop()}" if len(shown) == 1 else ""
    return EvaluationTypeError(f"expected a set but found {actual}{value}", note=note)


def _frames(error: BaseException, result: EvaluationError) -> Iterator[Frame]:
    """What evaluation was doing, from the outermost step to the innermost."""
    contexts = list(reversed(result.contexts))
    site: Frame | None = None
    position = None
    for entry in _entries(error):
        code = entry.tb_frame.f_code
        place = _place(entry)
        builtin = None if place else describe_builtin_code(code)
        if site is not None and (place or builtin):
            if builtin is not None:
                site = Frame(f"while calling the '{builtin.name}' builtin", site.position)
            if site.position != result.position or builtin is None:
                yield site
            site = None
        if place is not None:
            position = place.program.position(place.offset) if place.offset >= 0 else None
            yield from _unit_frames(place, result)
            if place.site is Site.CALL:
                site = Frame("from call site", position)
            elif place.site in _NOTES:
                yield Frame(_NOTES[place.site], position)
        elif code.co_name == "add_error_context" and contexts:
            yield Frame(contexts.pop(0), None, important=True)
    last = next((place for entry in reversed(_entries(error)) if (place := _place(entry)) is not None), None)
    if result.note and (last is None or _NOTES.get(last.site) != result.note):
        yield Frame(result.note, position)


def _unit_frames(place: _Place, result: EvaluationError) -> Iterator[Frame]:
    unit = place.program.facts_of(place.label)
    if unit.layers:
        called = f"'{unit.name}'" if unit.name else "anonymous lambda"
        position = place.program.position(unit.offset)
        # An error in the arguments is reported at the function itself.
        if position != result.position:
            yield Frame(f"while calling {called}", position)
    elif unit.name:
        shown = quote_attribute_name(unit.name)
        yield Frame(f"while evaluating the attribute '{shown}'", place.program.position(unit.name_offset))
