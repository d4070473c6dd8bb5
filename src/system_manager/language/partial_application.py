"""Functions of several arguments that have got some of them.

Everything here is written out for each number of arguments: a call with ``*arguments`` would go through C and use
its stack.
"""

from __future__ import annotations

from types import CodeType, MethodType

from system_manager.base.type_hints import Any, Callable, Iterator

MOST_ARGUMENTS = 6
"""That a function takes at once; what is written with more becomes a function that returns a function."""


def partial_application(function: Callable[[Any, Any], Any], first: Any) -> Callable[[Any], Any]:
    """A function of two arguments that has got its first one."""

    def partial(second: Any) -> Any:
        return function(first, second)

    return partial


def partial_application_of_two(
    function: Callable[[Any, Any, Any], Any], first: Any, second: Any
) -> Callable[[Any], Any]:
    """A function of three arguments that has got two."""

    def partial(third: Any) -> Any:
        return function(first, second, third)

    return partial


def function_of_many(function: Callable[..., Any]) -> MethodType:
    """The value of a function of three to :data:`MOST_ARGUMENTS` arguments.

    Whoever does not know it finds a function of two, which returns a function. Whoever does finds the Python function
    in ``__self__``.
    """
    return MethodType(_CURRIED[function.__code__.co_argcount](function), function)


def _of_three(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def two(first: Any, second: Any) -> Any:
        def rest(third: Any) -> Any:
            return function(first, second, third)

        return rest

    return two


def _of_four(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def two(first: Any, second: Any) -> Any:
        def rest(third: Any, fourth: Any) -> Any:
            return function(first, second, third, fourth)

        return MethodType(rest, 0)

    return two


def _of_five(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def two(first: Any, second: Any) -> Any:
        def four(third: Any, fourth: Any) -> Any:
            def rest(fifth: Any) -> Any:
                return function(first, second, third, fourth, fifth)

            return rest

        return MethodType(four, 0)

    return two


def _of_six(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def two(first: Any, second: Any) -> Any:
        def four(third: Any, fourth: Any) -> Any:
            def rest(fifth: Any, sixth: Any) -> Any:
                return function(first, second, third, fourth, fifth, sixth)

            return MethodType(rest, 0)

        return MethodType(four, 0)

    return two


_CURRIED = {3: _of_three, 4: _of_four, 5: _of_five, 6: _of_six}


def _nested(code: CodeType) -> Iterator[CodeType]:
    constants = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    # From Python 3.14 on, the annotations of an inner function are a function of their own in front of it.
    return (constant for constant in constants if constant.co_name != "__annotate__")


def _count_applied() -> dict[CodeType, int]:
    """How many arguments the functions above have got, by their code."""
    applied = {next(_nested(partial_application.__code__)): 1, next(_nested(partial_application_of_two.__code__)): 2}
    for make in _CURRIED.values():
        count = 0
        codes = list(_nested(make.__code__))
        while codes:
            applied[codes[0]] = count
            codes = list(_nested(codes[0]))
            count += 2
    return applied


_APPLIED = _count_applied()


def partial_function(function: Any) -> tuple[Callable[..., Any], int] | None:
    """The function behind one that has got some of its arguments, and how many; None for any other."""
    code: CodeType = function.__code__
    count = _APPLIED.get(code)
    if count is None or function.__closure__ is None:
        return None
    return function.__closure__[code.co_freevars.index("function")].cell_contents, count
