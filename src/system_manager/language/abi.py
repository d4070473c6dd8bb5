"""Everything that generated code may name: its whole interface to the runtime is :data:`NAMES`."""

from __future__ import annotations

from types import FrameType, FunctionType, MethodType

from system_manager.base.type_hints import Any, Callable, NoReturn, Protocol
from system_manager.language.arithmetic import (
    add,
    concatenate_lists,
    counting_add,
    divide,
    left_operand,
    multiply,
    negate,
    right_set,
    subtract,
    update,
)
from system_manager.language.attribute_keys import attribute_position, key_position
from system_manager.language.call_depth import LEVELS, refuse_level
from system_manager.language.calls import bind_functor, call, call2
from system_manager.language.coercion import concatenate, interpolate, interpolate_path
from system_manager.language.comparison import equal, less_than
from system_manager.language.describe import describe_value, quote_attribute_name
from system_manager.language.effects import current_effects
from system_manager.language.errors import (
    AssertionFailedError,
    EvaluationError,
    EvaluationTypeError,
    UndefinedVariableError,
    UnexpectedArgumentError,
    suggest_names,
)
from system_manager.language.partial_application import function_of_many, partial_application
from system_manager.language.runtime import force_attributes, force_bool, force_plain_string, missing_attribute
from system_manager.language.source import Position
from system_manager.language.thunks import blackhole, force, thunk_code
from system_manager.language.values import (
    LambdaDescription,
    Lazy,
    StringWithContext,
    Value,
    type_name,
)


class Program(Protocol):
    """What the helpers ask of the program that they are called from."""

    def position(self, offset: int) -> Position:
        """The place in the program's source."""

    def attribute_key(self, name: str, offset: int) -> str:
        """An attribute name that remembers where it was defined."""

    def describe_lambda(self, name: str) -> LambdaDescription:
        """The description of the function with this label."""

    def assertion_text(self, offset: int) -> str:
        """The condition of the ``assert`` at this offset, as program text."""


def callable_one(value: Value) -> Callable[[Lazy], Value]:
    """What can be called with one argument for a value that is not a plain function of one."""
    if value.__class__ is MethodType:
        function = value.__func__

        def partially_apply(first: Lazy) -> Value:
            return partial_application(function, first)

        return partially_apply
    bound = bind_functor(value)
    return bound if bound.__class__ is FunctionType else callable_one(bound)


def callable_two(value: Value) -> Callable[[Lazy, Lazy], Value]:
    """What can be called with two arguments for a value that is not a function of two."""

    def apply_twice(first: Lazy, second: Lazy) -> Value:
        return call2(value, first, second)

    return apply_twice


@thunk_code
def select_later(t: list[Any]) -> Value:
    """The code of a thunk for ``set.name``; the name knows its position."""
    attributes, name = t[1]
    t[0] = blackhole
    if attributes.__class__ is list:
        attributes = attributes[1] if attributes[0] is None else attributes[0](attributes)
    try:
        value = attributes[name]
    except (KeyError, TypeError):
        raise _at_key(_selection_error(attributes, name), name) from None
    if value.__class__ is list:
        value = value[1] if value[0] is None else value[0](value)
    t[1] = value
    t[0] = None
    return value


@thunk_code
def select_path_later(t: list[Any]) -> Value:
    """The code of a thunk for ``set.name.name``; the first name knows the position of all."""
    value, *names = t[1]
    t[0] = blackhole
    for name in names:
        if value.__class__ is list:
            value = value[1] if value[0] is None else value[0](value)
        if value.__class__ is not dict or name not in value:
            raise _at_key(_selection_error(value, name), names[0])
        value = value[name]
    if value.__class__ is list:
        value = value[1] if value[0] is None else value[0](value)
    t[1] = value
    t[0] = None
    return value


def selection_position(frame: FrameType) -> Position | None:
    """Where the selection is written that the frame of a thunk carries out; None for a frame of other code."""
    if frame.f_code is select_later.__code__:
        return key_position(frame.f_locals["name"])
    if frame.f_code is select_path_later.__code__:
        return key_position(frame.f_locals["names"][0])
    return None


def _selection_error(subject: Value, name: str) -> EvaluationError:
    if subject.__class__ is dict:
        return missing_attribute(subject, name)
    message = f"expected a set but found {type_name(subject)}: {describe_value(subject)}"
    return EvaluationTypeError(message, note="while selecting an attribute")


@thunk_code
def look_up_later(t: list[Any]) -> Value:
    """The code of a thunk for a variable that only a ``with`` can define."""
    arguments = t[1]
    t[0] = blackhole
    try:
        value = look_up(arguments[0], *arguments[1:])
    except UndefinedVariableError as error:
        raise _at_key(error, arguments[0]) from None
    t[1] = value
    t[0] = None
    return value


def _at_key(error: EvaluationError, key: str) -> EvaluationError:
    if error.position is None:
        error.position = key_position(key)
    return error


def look_up(name: str, *namespaces: Lazy) -> Value:
    """The value of a variable in the sets of the surrounding ``with``, innermost first."""
    for namespace in namespaces:
        attributes = namespace
        if attributes.__class__ is list:
            attributes = attributes[1] if attributes[0] is None else attributes[0](attributes)
        if attributes.__class__ is not dict:
            force_attributes(attributes, "while evaluating the first subexpression of a with expression")
        if name in attributes:
            value = attributes[name]
            if value.__class__ is list:
                return value[1] if value[0] is None else value[0](value)
            return value
    known = [candidate for namespace in namespaces for candidate in force(namespace)]
    raise UndefinedVariableError(f"undefined variable '{name}'", suggestions=suggest_names(name, known))


def condition(value: Lazy) -> bool:
    """A Boolean that decides something."""
    return force_bool(value)


def attribute_name(value: Lazy) -> str:
    """The value of ``${…}`` in an attribute path."""
    return force_plain_string(value, "while evaluating an attribute name")


def put_attribute(attributes: dict[str, Lazy], name: Value, value: Lazy, program: Program, offset: int) -> Value:
    """Add ``${name} = value`` to a set that is being made; null leaves it out."""
    if name is None:
        return attributes
    text = force_plain_string(name, "while evaluating the name of a dynamic attribute")
    if text in attributes:
        first = attribute_position(attributes, text)
        where = f" at {first}" if first else ""
        raise EvaluationError(f"dynamic attribute '{quote_attribute_name(text)}' already defined{where}")
    attributes[program.attribute_key(text, offset)] = value
    return attributes


def override(final: dict[str, Lazy], attributes: dict[str, Lazy]) -> Value:
    """Complete a recursive set by its ``__overrides``, in the very dict that its members look into."""
    final.update(attributes)
    overrides = force_attributes(attributes["__overrides"], "while evaluating the `__overrides` attribute")
    for name in overrides:
        # Python would keep the old key object, and with it the place of the definition that is overridden.
        final.pop(name, None)
    final.update(overrides)
    return final


def argument_set(value: Lazy) -> dict[str, Lazy]:
    """The argument of a function that takes it apart."""
    return force_attributes(value, "while evaluating the value passed for the lambda argument")


def unexpected_argument(program: Program, label: str, layer: int, arguments: dict[str, Lazy]) -> NoReturn:
    """Report the first argument that the function does not take."""
    description = program.describe_lambda(label)
    for _ in range(layer):
        description = description.result or description
    expected = [formal.name for formal in description.formals or ()]
    name = next(name for name in sorted(arguments) if name not in expected)
    called = description.name or "anonymous lambda"
    near = suggest_names(name, expected)
    raise UnexpectedArgumentError(
        f"function '{called}' called with unexpected argument '{quote_attribute_name(name)}'",
        suggestions=near,
        hint=None if near else "with '...' behind its last argument a function takes others, too",
    )


def assertion_failed(program: Program, offset: int) -> NoReturn:
    """Report an ``assert``."""
    raise AssertionFailedError(f"assertion '{program.assertion_text(offset)}' failed")


def equality_failed(program: Program, offset: int, left: Value, right: Value) -> NoReturn:
    """Report an ``assert`` whose condition is ``left == right``."""
    # Late: few assertions fail.
    from system_manager.language.inequality import find_difference  # noqa: PLC0415

    difference = find_difference(left, right)
    if difference is None:
        assertion_failed(program, offset)
    note = f"while evaluating the condition of the assertion '{program.assertion_text(offset)}'"
    raise AssertionFailedError(difference, note=note)


def resolve_search_path(name: str) -> Value:
    """``<name>``."""
    return current_effects().resolve_search_path(name)


def set_environment(thunk: list[Any], environment: Any) -> None:
    """Give a thunk its captured values, when some did not exist yet when it was made."""
    thunk[1] = environment


def set_source(thunk: list[Any], source: Lazy) -> None:
    """Give a ``set.name`` thunk its set."""
    thunk[1] = (source, *thunk[1][1:])


def set_cell(function: Value, index: int, value: Lazy) -> None:
    """Give a function one of its captured values."""
    if function.__class__ is MethodType:
        function = function.__self__ or function.__func__
    function.__closure__[index].cell_contents = value


NAMES: dict[str, Any] = {
    "Function": FunctionType,
    "LEVELS": LEVELS,
    "Method": MethodType,
    "StringWithContext": StringWithContext,
    "add": add,
    "argument_set": argument_set,
    "assertion_failed": assertion_failed,
    "equality_failed": equality_failed,
    "attribute_name": attribute_name,
    "blackhole": blackhole,
    "bool": bool,
    "call": call,
    "call2": call2,
    "callable_one": callable_one,
    "callable_two": callable_two,
    "concatenate": concatenate,
    "concatenate_lists": concatenate_lists,
    "condition": condition,
    "dict": dict,
    "divide": divide,
    "equal": equal,
    "float": float,
    "force": force,
    "int": int,
    "function_of_many": function_of_many,
    "interpolate": interpolate,
    "interpolate_path": interpolate_path,
    "right_set": right_set,
    "len": len,
    "left_operand": left_operand,
    "less_than": less_than,
    "list": list,
    "look_up": look_up,
    "look_up_later": look_up_later,
    "multiply": multiply,
    "negate": negate,
    "override": override,
    "put_attribute": put_attribute,
    "refuse_level": refuse_level,
    "resolve_search_path": resolve_search_path,
    "select_later": select_later,
    "select_path_later": select_path_later,
    "set_cell": set_cell,
    "set_environment": set_environment,
    "set_source": set_source,
    "str": str,
    "subtract": subtract,
    "tuple": tuple,
    "unexpected_argument": unexpected_argument,
    "update": update,
}

COUNTING_NAMES: dict[str, Any] = {**NAMES, "add": counting_add}
"""The same for code that counts its calls."""
