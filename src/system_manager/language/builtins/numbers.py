"""Builtins on numbers."""

from __future__ import annotations

import math

from system_manager.base.type_hints import Callable
from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.describe import format_float
from system_manager.language.errors import ArithmeticOverflowError
from system_manager.language.runtime import (
    Lazy,
    Value,
    divide,
    force,
    force_float,
    force_integer,
    multiply,
    subtract,
    type_of,
)
from system_manager.language.values import MAX_INTEGER, MIN_INTEGER

TABLE = BuiltinTable()


@TABLE.builtin("add", 2, "The sum of two numbers. Unlike `+` it takes nothing but numbers.")
def add_numbers(left: Lazy, right: Lazy) -> Value:
    left, right = _operands(left, right, "addition")
    if left.__class__ is float or right.__class__ is float:
        return left + right
    result = left + right
    if not MIN_INTEGER <= result <= MAX_INTEGER:
        raise ArithmeticOverflowError(f"integer overflow in adding {left} + {right}")
    return result


@TABLE.builtin("sub", 2, "The difference of two numbers: the function form of `-`.")
def subtract_numbers(left: Lazy, right: Lazy) -> Value:
    return subtract(*_operands(left, right, "subtraction"))


@TABLE.builtin("mul", 2, "The product of two numbers: the function form of `*`.")
def multiply_numbers(left: Lazy, right: Lazy) -> Value:
    return multiply(*_operands(left, right, "multiplication"))


@TABLE.builtin("div", 2, "The quotient of two numbers: the function form of `/`. The quotient of integers is rounded "
               "towards zero.")  # fmt: skip
def divide_numbers(left: Lazy, right: Lazy) -> Value:
    left, right = force(left), force(right)
    force_float(right, "while evaluating the second operand of the division")
    return divide(*_operands(left, right, "division"))


def _operands(left: Lazy, right: Lazy, operation: str) -> tuple[Value, Value]:
    left, right = force(left), force(right)
    check = force_float if "float" in (type_of(left), type_of(right)) else force_integer
    check(left, f"while evaluating the first argument of the {operation}")
    check(right, f"while evaluating the second argument of the {operation}")
    return left, right


@TABLE.builtin("bitAnd", 2, "The bitwise *and* of two integers.")
def bit_and(left: Lazy, right: Lazy) -> Value:
    return force_integer(left, "while evaluating the first argument passed to builtins.bitAnd") & force_integer(
        right, "while evaluating the second argument passed to builtins.bitAnd"
    )


@TABLE.builtin("bitOr", 2, "The bitwise *or* of two integers.")
def bit_or(left: Lazy, right: Lazy) -> Value:
    return force_integer(left, "while evaluating the first argument passed to builtins.bitOr") | force_integer(
        right, "while evaluating the second argument passed to builtins.bitOr"
    )


@TABLE.builtin("bitXor", 2, "The bitwise *exclusive or* of two integers.")
def bit_exclusive_or(left: Lazy, right: Lazy) -> Value:
    return force_integer(left, "while evaluating the first argument passed to builtins.bitXor") ^ force_integer(
        right, "while evaluating the second argument passed to builtins.bitXor"
    )


@TABLE.builtin("ceil", 1, "The smallest integer that is not less than the number.")
def ceiling(number: Lazy) -> Value:
    return _rounded(number, math.ceil, "ceil")


@TABLE.builtin("floor", 1, "The largest integer that is not greater than the number.")
def floor(number: Lazy) -> Value:
    return _rounded(number, math.floor, "floor")


def _rounded(number: Lazy, rounding: Callable[[float], int], name: str) -> Value:
    number = force(number)
    as_float = force_float(number, f"while evaluating the first argument passed to builtins.{name}")
    if number.__class__ is int:
        # Nix takes the way through a float, and refuses where that would change the number.
        if int(as_float) != number:
            raise ArithmeticOverflowError(f"the integer {number} cannot be represented as a float by builtins.{name}")
        return number
    if math.isnan(as_float) or math.isinf(as_float) or not MIN_INTEGER <= rounding(as_float) <= MAX_INTEGER:
        raise ArithmeticOverflowError(f"NixFloat argument {format_float(as_float)} is not in the range of NixInt")
    return rounding(as_float)
