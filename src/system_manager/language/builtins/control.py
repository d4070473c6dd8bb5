"""Builtins that steer evaluation: order, errors, messages."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.call_depth import LEVELS
from system_manager.language.effects import current_effects
from system_manager.language.errors import AbortError, AssertionFailedError, ThrownError
from system_manager.language.printer import show_value
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    force,
    force_deep,
    force_string,
    restore_thunks,
    string_text,
    type_of,
)

TABLE = BuiltinTable()


@TABLE.builtin("seq", 2, "Evaluate the first value as far as its outermost layer, then return the second.")
def seq(first: Lazy, second: Lazy) -> Value:
    force(first)
    if second.__class__ is list:
        return second[1] if second[0] is None else second[0](second)
    return second


@TABLE.builtin("deepSeq", 2, "Evaluate the first value with everything in it, then return the second.")
def deep_seq(first: Lazy, second: Lazy) -> Value:
    force_deep(first)
    if second.__class__ is list:
        return second[1] if second[0] is None else second[0](second)
    return second


@TABLE.builtin("throw", 1, "End evaluation with the message, unless `tryEval` catches it.")
def throw(message: Lazy) -> Value:
    what = "while evaluating the error message passed to builtin.throw"
    raise ThrownError(string_text(coerce_to_string(message, copy_to_store=True, coerce_more=False, what=what)))


@TABLE.builtin("abort", 1, "End evaluation with the message; nothing catches it.")
def abort(message: Lazy) -> Value:
    what = "while evaluating the error message passed to builtins.abort"
    text = string_text(coerce_to_string(message, copy_to_store=True, coerce_more=False, what=what))
    raise AbortError(f"evaluation aborted with the following error message: '{text}'")


@TABLE.builtin("tryEval", 1, "Evaluate the value as far as its outermost layer: `{ success = true; value = …; }`, or "
               "`{ success = false; value = false; }` when `throw` or a failing `assert` came in the way.")  # fmt: skip
def try_evaluate(value: Lazy) -> Value:
    level = LEVELS[0]
    try:
        return {"success": True, "value": force(value)}
    except (ThrownError, AssertionFailedError) as error:
        LEVELS[0] = level
        restore_thunks(error)
        return {"success": False, "value": False}


@TABLE.builtin("addErrorContext", 2, "The second value; when evaluating it fails, the message of the first is shown "
               "with the error.")  # fmt: skip
def add_error_context(message: Lazy, value: Lazy) -> Value:
    try:
        return force(value)
    except RecursionError:
        raise
    except Exception as raised:
        # Late: most runs have nothing to explain.
        from system_manager.language.explain import as_evaluation_error

        error = as_evaluation_error(raised)
        what = "while evaluating the error message passed to builtins.addErrorContext"
        error.add_context(string_text(coerce_to_string(message, copy_to_store=False, coerce_more=False, what=what)))
        if error is raised:
            raise
        raise error from raised


@TABLE.builtin("trace", 2, "Show the first value, as far as it is evaluated, and return the second.")
def trace(message: Lazy, value: Lazy) -> Value:
    message = force(message)
    current_effects().trace(string_text(message) if type_of(message) == "string" else show_value(message))
    return force(value)


@TABLE.builtin("traceVerbose", 2, "As `trace` with `--trace-verbose`, else only the second value.")
def trace_verbose(message: Lazy, value: Lazy) -> Value:
    return trace(message, value) if current_effects().traces_verbosely else force(value)


@TABLE.builtin("warn", 2, "Show the string as a warning and return the second value.")
def warn(message: Lazy, value: Lazy) -> Value:
    what = "while evaluating the first argument; the message passed to builtins.warn"
    current_effects().warn(string_text(force_string(message, what)))
    return force(value)


@TABLE.builtin("break", 1, "The value. With a debugger attached, evaluation would stop here.")
def break_here(value: Lazy) -> Value:
    return force(value)
