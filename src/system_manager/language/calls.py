"""Calling functions of any representation, and making built-in ones."""

from __future__ import annotations

from types import FunctionType, MethodType

from system_manager.base.type_hints import Any, Callable, Sequence
from system_manager.language.attribute_keys import PLAIN_KEYS, plain_key
from system_manager.language.builtins.registry import Builtin
from system_manager.language.call_depth import LEVELS, counts_calls, enter_level, leave_level, refuse_level
from system_manager.language.describe import describe_value
from system_manager.language.errors import EvaluationTypeError
from system_manager.language.partial_application import partial_application, partial_application_of_two
from system_manager.language.thunks import blackhole, force, thunk_code
from system_manager.language.values import (
    Lazy,
    Value,
    describe_lambda,
    register_builtin,
    type_name,
)


def call(function: Lazy, argument: Lazy) -> Value:
    """Apply to one argument; the result is in weak head normal form."""
    if function.__class__ is FunctionType:
        return function(argument)
    if function.__class__ is MethodType:
        return partial_application(function.__func__, argument)
    if function.__class__ is list:
        return call(force(function), argument)
    return call(bind_functor(function), argument)


def call2(function: Lazy, first: Lazy, second: Lazy) -> Value:
    """Apply to two arguments."""
    if function.__class__ is MethodType:
        return function.__func__(first, second)
    if function.__class__ is FunctionType:
        return call(function(first), second)
    if function.__class__ is list:
        return call2(force(function), first, second)
    return call2(bind_functor(function), first, second)


def call3(function: Lazy, first: Lazy, second: Lazy, third: Lazy) -> Value:
    """Apply to three arguments."""
    return call(call2(function, first, second), third)


def unary(function: Value) -> Callable[[Lazy], Value]:
    """How to call the function with one argument, many times; nothing is evaluated before the first call."""
    if function.__class__ is FunctionType:
        plain: Callable[[Lazy], Value] = function
        return plain

    def call_it(argument: Lazy) -> Value:
        return call(function, argument)

    return call_it


def binary(function: Value) -> Callable[[Lazy, Lazy], Value]:
    """How to call the function with two arguments, many times; nothing is evaluated before the first call."""
    if function.__class__ is MethodType:
        plain: Callable[[Lazy, Lazy], Value] = function.__func__
        return plain

    def call_it(first: Lazy, second: Lazy) -> Value:
        return call2(function, first, second)

    return call_it


def apply(function: Lazy, *arguments: Lazy) -> Value:
    """Apply to any number of arguments, at least one; the result is in weak head normal form."""
    value = function
    index = 0
    count = len(arguments)
    while index < count:
        if index + 2 <= count:
            value = call2(value, arguments[index], arguments[index + 1])
            index += 2
        else:
            value = call(value, arguments[index])
            index += 1
    return value


def bind_functor(value: Value) -> Value:
    """The function that a set with ``__functor`` stands for."""
    if value.__class__ is dict and "__functor" in value:
        if counts_calls():
            return _call_functor(value)
        return call(value["__functor"], value)
    raise EvaluationTypeError(
        f"attempt to call something which is not a function but {type_name(value)}: {describe_value(value)}"
    )


def _call_functor(value: dict[str, Lazy]) -> Value:
    """The same; calling a set is a call, in which its function is called."""
    enter_level()
    bound = call(value["__functor"], value)
    leave_level()

    def call_it(argument: Lazy) -> Value:
        enter_level()
        result = call(bound, argument)
        leave_level()
        return result

    return call_it


@thunk_code
def _run_call(t: list[Any]) -> Value:
    function, argument = t[1]
    t[0] = blackhole
    value = function(argument) if function.__class__ is FunctionType else call(function, argument)
    t[1] = value
    t[0] = None
    return value


@thunk_code
def _run_plain_call(t: list[Any]) -> Value:
    function, argument = t[1]
    t[0] = blackhole
    value = function(argument)
    t[1] = value
    t[0] = None
    return value


@thunk_code
def _run_plain_call2(t: list[Any]) -> Value:
    function, first, second = t[1]
    t[0] = blackhole
    value = function(first, second)
    t[1] = value
    t[0] = None
    return value


@thunk_code
def _run_call2(t: list[Any]) -> Value:
    function, first, second = t[1]
    t[0] = blackhole
    value = function.__func__(first, second) if function.__class__ is MethodType else call2(function, first, second)
    t[1] = value
    t[0] = None
    return value


@thunk_code
def _run_application(t: list[Any]) -> Value:
    function, arguments = t[1]
    t[0] = blackhole
    value = call(call2(function, arguments[0], arguments[1]), arguments[2])
    for argument in arguments[3:]:
        value = call(value, argument)
    t[1] = value
    t[0] = None
    return value


def defer_apply(function: Lazy, first: Lazy, *others: Lazy) -> Lazy:
    """A thunk of the application of ``function`` to at least one argument."""
    if not others:
        return [_run_call, (function, first)]
    if len(others) == 1:
        return [_run_call2, (function, first, others[0])]
    return [_run_application, (function, (first, *others))]


def defer_each(function: Value, arguments: Sequence[Lazy]) -> tuple[Lazy, ...]:
    """Thunks of the applications of ``function`` to each of the arguments."""
    run = _run_plain_call if function.__class__ is FunctionType else _run_call
    if len(arguments) == 1:
        return ([run, (function, arguments[0])],)
    return tuple([[run, (function, argument)] for argument in arguments])


def defer_attributes(function: Lazy, attributes: dict[str, Lazy]) -> dict[str, Lazy]:
    """Thunks of the applications of ``function`` to name and value of each attribute; the names forget their places."""
    run = _run_call2
    if function.__class__ is MethodType:
        run, function = _run_plain_call2, function.__func__
    plain = PLAIN_KEYS.get
    return {plain(name) or plain_key(name): [run, (function, name, value)] for name, value in attributes.items()}


def make_builtin(builtin: Builtin) -> Value:
    """The function value of a built-in."""
    function = builtin.function
    if function.__class__ is not FunctionType:
        function = _as_plain_function(function, builtin)
    register_builtin(function, builtin.name, builtin.arity)
    if builtin.arity == 1:
        return function
    if builtin.arity == 2:
        return MethodType(function, 0)
    if builtin.arity != 3:
        raise ValueError(f"builtin '{builtin.name}' takes {builtin.arity} arguments")

    def two(first: Lazy, second: Lazy) -> Value:
        return partial_application_of_two(function, first, second)

    return MethodType(register_builtin(two, builtin.name, builtin.arity), 0)


def counting_builtin(builtin: Builtin) -> Builtin:
    """The same built-in, whose calls are levels."""
    function = builtin.function

    def one(first: Lazy) -> Value:
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        LEVELS[0] += 1
        value = function(first)
        LEVELS[0] -= 1
        return value

    def two(first: Lazy, second: Lazy) -> Value:
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        LEVELS[0] += 1
        value = function(first, second)
        LEVELS[0] -= 1
        return value

    def three(first: Lazy, second: Lazy, third: Lazy) -> Value:
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        LEVELS[0] += 1
        value = function(first, second, third)
        LEVELS[0] -= 1
        return value

    counting = _with_code_of_its_own((one, two, three)[builtin.arity - 1], builtin)
    return Builtin(builtin.name, builtin.arity, counting, builtin.documentation)


def _with_code_of_its_own(function: Callable[..., Value], builtin: Builtin) -> Callable[..., Value]:
    """The function, whose frames can be told from those of other built-ins."""
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_name=f"the built-in {builtin.name}")
    return function


def _as_plain_function(function: Callable[..., Value], builtin: Builtin) -> Callable[..., Value]:
    # A bound method would be taken for a function of two arguments.
    def one(first: Lazy) -> Value:
        return function(first)

    def two(first: Lazy, second: Lazy) -> Value:
        return function(first, second)

    def three(first: Lazy, second: Lazy, third: Lazy) -> Value:
        return function(first, second, third)

    return _with_code_of_its_own((one, two, three)[builtin.arity - 1], builtin)


def function_formals(function: Value) -> dict[str, bool] | None:
    """For a function that takes a set apart: its argument names, each with whether it has a default.

    None for a plain parameter and for built-ins. The names know their positions.
    """
    description = describe_lambda(function)
    if description is None or description.formals is None:
        return None
    return {formal.name: formal.has_default for formal in description.formals}
