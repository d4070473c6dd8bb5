"""Builtins that look at the type of a value."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.errors import EvaluationTypeError
from system_manager.language.runtime import Lazy, Value, force, function_formals, is_function, type_of

TABLE = BuiltinTable()


@TABLE.builtin("typeOf", 1, "The type of the value as a string: one of `int`, `bool`, `string`, `path`, `null`, "
               "`set`, `list`, `lambda` and `float`.")  # fmt: skip
def type_of_value(value: Lazy) -> Value:
    return type_of(force(value))


@TABLE.builtin("isNull", 1, "Whether the value is `null`.")
def is_null(value: Lazy) -> Value:
    return force(value) is None


@TABLE.builtin("isFunction", 1, "Whether the value is a function. A set with `__functor` is not.")
def is_function_value(value: Lazy) -> Value:
    return is_function(force(value) if value.__class__ is list else value)


@TABLE.builtin("isInt", 1, "Whether the value is an integer.")
def is_integer(value: Lazy) -> Value:
    return type_of(force(value)) == "int"


@TABLE.builtin("isFloat", 1, "Whether the value is a floating-point number.")
def is_float(value: Lazy) -> Value:
    return type_of(force(value)) == "float"


@TABLE.builtin("isString", 1, "Whether the value is a string.")
def is_string(value: Lazy) -> Value:
    return type_of(force(value)) == "string"


@TABLE.builtin("isBool", 1, "Whether the value is `true` or `false`.")
def is_boolean(value: Lazy) -> Value:
    return type_of(force(value)) == "bool"


@TABLE.builtin("isPath", 1, "Whether the value is a path.")
def is_path(value: Lazy) -> Value:
    return type_of(force(value)) == "path"


@TABLE.builtin("isAttrs", 1, "Whether the value is an attribute set.")
def is_attributes(value: Lazy) -> Value:
    return type_of(force(value)) == "set"


@TABLE.builtin("isList", 1, "Whether the value is a list.")
def is_list(value: Lazy) -> Value:
    return type_of(force(value)) == "list"


@TABLE.builtin("functionArgs", 1, "The names that a function takes out of its argument, each with whether it has a "
               "default. The set is empty for a function with a plain parameter.")  # fmt: skip
def function_arguments(function: Lazy) -> Value:
    function = force(function)
    if not is_function(function):
        raise EvaluationTypeError("'functionArgs' requires a function")
    return function_formals(function) or {}
