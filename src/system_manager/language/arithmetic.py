"""Operators on numbers, sets and lists. All take lazy operands and force the left one first."""

from __future__ import annotations

from system_manager.language.byte_strings import rejoin
from system_manager.language.call_depth import check_level
from system_manager.language.coercion import add_texts, coerce_to_string
from system_manager.language.describe import describe_value
from system_manager.language.errors import ArithmeticOverflowError, EvaluationTypeError
from system_manager.language.thunks import force
from system_manager.language.values import (
    MAX_INTEGER,
    MIN_INTEGER,
    Lazy,
    NixPath,
    Value,
    plain_type_name,
    type_name,
)


def add(left: Lazy, right: Lazy) -> Value:
    """``+`` on numbers, strings and paths."""
    if left.__class__ is list:
        left = left[1] if left[0] is None else left[0](left)
    if right.__class__ is list:
        right = right[1] if right[0] is None else right[0](right)
    kind = left.__class__
    if kind is int and right.__class__ is int:
        result = left + right
        if MIN_INTEGER <= result <= MAX_INTEGER:
            return result
        raise ArithmeticOverflowError(f"integer overflow in adding {left} + {right}")
    if kind is str and right.__class__ is str:
        text = left + right
        return text if text.isascii() else rejoin(text)
    if kind is int or kind is float:
        if right.__class__ is not int and right.__class__ is not float:
            article = "an integer" if kind is int else "a float"
            raise EvaluationTypeError(f"cannot add {plain_type_name(right)} to {article}")
        return left + right
    return add_texts(left, right)


def left_operand(left: Value) -> Value:
    """What a sum needs on its left, looked at before the right operand is evaluated."""
    kind = left.__class__
    if kind is not str and kind is not int and kind is not float and kind is not NixPath:
        coerce_to_string(left, copy_to_store=False, coerce_more=False, what="while evaluating a path segment")
    return left


def counting_add(left: Lazy, right: Lazy) -> Value:
    """``+`` where levels are counted: appending strings is one."""
    result = add(left, right)
    if result.__class__ is not int and result.__class__ is not float:
        check_level()
    return result


def subtract(left: Lazy, right: Lazy) -> Value:
    """``-``."""
    if left.__class__ is not int or right.__class__ is not int:
        left, right = _numbers(left, right, "subtraction")
    result = left - right
    if result.__class__ is int and not MIN_INTEGER <= result <= MAX_INTEGER:
        raise ArithmeticOverflowError(f"integer overflow in subtracting {left} - {right}")
    return result


def multiply(left: Lazy, right: Lazy) -> Value:
    """``*``."""
    if left.__class__ is not int or right.__class__ is not int:
        left, right = _numbers(left, right, "multiplication")
    result = left * right
    if result.__class__ is int and not MIN_INTEGER <= result <= MAX_INTEGER:
        raise ArithmeticOverflowError(f"integer overflow in multiplying {left} * {right}")
    return result


def divide(left: Lazy, right: Lazy) -> Value:
    """``/``: integers are divided towards zero. What is wrong with the divisor is said first."""
    if left.__class__ is not int or right.__class__ is not int:
        left, right = force(left), force(right)
        _check_number(right, "a float", "second", "division")
        if right != 0:
            left, right = _numbers(left, right, "division")
    if right == 0:
        raise ArithmeticOverflowError("division by zero")
    if left.__class__ is float:
        return left / right
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    if quotient > MAX_INTEGER:
        raise ArithmeticOverflowError(f"integer overflow in dividing {left} / {right}")
    return quotient


def negate(operand: Lazy) -> Value:
    """Unary ``-``: zero minus the operand."""
    return subtract(0, operand)


def _numbers(left: Lazy, right: Lazy, operation: str) -> tuple[Value, Value]:
    """Both operands, as two integers or as two floats."""
    left = force(left)
    right = force(right)
    if left.__class__ is int and right.__class__ is int:
        return left, right
    wanted = "a float" if left.__class__ is float or right.__class__ is float else "an integer"
    _check_number(left, wanted, "first", operation)
    _check_number(right, wanted, "second", operation)
    return float(left), float(right)


def _check_number(operand: Value, wanted: str, which: str, operation: str) -> None:
    if operand.__class__ is not int and operand.__class__ is not float:
        raise EvaluationTypeError(
            f"expected {wanted} but found {type_name(operand)}: {describe_value(operand)}",
            note=f"while evaluating the {which} argument of the {operation}",
        )


def update(right: Lazy, left: Lazy) -> Value:
    """``//``: all attributes of both sets; where both have one, that of the right.

    The right operand comes first since it is evaluated first.
    """
    if right.__class__ is not dict:
        right = right_set(right)
    if left.__class__ is list:
        left = left[1] if left[0] is None else left[0](left)
    if left.__class__ is not dict:
        raise _wrong_operand("a set", left, "in the left operand of the update (//) operator")
    if not right:
        return left
    if not left:
        return right
    merged = left | right
    overlap = len(left) + len(right) - len(merged)
    if overlap:
        # Python keeps the left set's key objects, but the right set's know where its attributes were defined.
        if overlap == len(left):
            return right.copy()  # a set of its own: printing tells sets apart
        if len(right) <= len(left):
            for name in right:
                if name in left:
                    del merged[name]
            merged.update(right)
        else:
            merged = {name: value for name, value in left.items() if name not in right}
            merged.update(right)
    return merged


def right_set(right: Lazy) -> dict[str, Lazy]:
    """The right operand of ``//``."""
    right = force(right)
    if right.__class__ is not dict:
        raise _wrong_operand("a set", right, "in the right operand of the update (//) operator")
    attributes: dict[str, Lazy] = right
    return attributes


def concatenate_lists(left: Lazy, right: Lazy) -> Value:
    """``++``."""
    if left.__class__ is list:
        left = left[1] if left[0] is None else left[0](left)
    if right.__class__ is list:
        right = right[1] if right[0] is None else right[0](right)
    if left.__class__ is tuple and right.__class__ is tuple:
        return left + right
    for operand in (left, right):
        if operand.__class__ is not tuple:
            raise _wrong_operand("a list", operand, "while evaluating one of the elements to concatenate")
    return left + right


def _wrong_operand(wanted: str, operand: Value, note: str) -> EvaluationTypeError:
    message = f"expected {wanted} but found {type_name(operand)}: {describe_value(operand)}"
    return EvaluationTypeError(message, note=note)
