"""Expressions that stand for others: the calls that operators and search paths are, and short rows for long ones.

In Nix, some operators are calls of functions that a program can redefine (``let __sub = …; in 2 - 1``); where nothing
redefines them, they are operators of Python.
"""

from __future__ import annotations

from system_manager.language import syntax

NEGATION = "__sub"
"""The function that ``-x`` calls."""

SEARCH = "__findFile"
SEARCH_PATH = "__nixPath"
"""The names that ``<x>`` refers to: the function that it calls, and the first argument."""

_FUNCTIONS = {
    syntax.Operator.SUBTRACT: ("__sub", False, False),
    syntax.Operator.MULTIPLY: ("__mul", False, False),
    syntax.Operator.DIVIDE: ("__div", False, False),
    syntax.Operator.LESS: ("__lessThan", False, False),
    syntax.Operator.GREATER: ("__lessThan", True, False),
    syntax.Operator.LESS_OR_EQUAL: ("__lessThan", True, True),
    syntax.Operator.GREATER_OR_EQUAL: ("__lessThan", False, True),
}
"""Operators that are calls: the function, whether operands are swapped, whether the result is negated."""


def operator_function(operator: syntax.Operator) -> str | None:
    """The name of the function that an operator calls, if it calls one."""
    function = _FUNCTIONS.get(operator)
    return None if function is None else function[0]


def called_operator(node: syntax.Binary) -> syntax.Expression:
    """The call that such an operator is."""
    name, swapped, negated = _FUNCTIONS[node.operator]
    operands = (node.right, node.left) if swapped else (node.left, node.right)
    call = _call(node.position, name, *operands)
    return syntax.Not(node.position, call) if negated else call


def called_negation(node: syntax.Negate) -> syntax.Expression:
    """``-x`` as a call."""
    return _call(node.position, NEGATION, syntax.Integer(node.position, 0), node.operand)


def called_search(node: syntax.SearchPath) -> syntax.Expression:
    """``<x>`` as a call."""
    at = node.position
    return _call(at, SEARCH, syntax.Variable(at, SEARCH_PATH), syntax.String(at, node.name))


def cut_selection(node: syntax.Select, longest: int) -> syntax.Expression:
    """``a.b.c…`` as selections of at most ``longest`` names from one another."""
    chain = node.subject
    for start in range(0, len(node.path), longest):
        chain = syntax.Select(node.position, chain, node.path[start : start + longest], None)
    return chain


def cut_application(node: syntax.Apply, longest: int) -> syntax.Apply:
    """``f a b…`` as a call with the last ``longest`` arguments of what the call with the others returns."""
    inner = syntax.Apply(node.position, node.function, node.arguments[:-longest])
    return syntax.Apply(node.position, inner, node.arguments[-longest:])


def _call(at: int, name: str, *arguments: syntax.Expression) -> syntax.Apply:
    return syntax.Apply(at, syntax.Variable(at, name), arguments)
