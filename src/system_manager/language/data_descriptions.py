"""Describing lists and sets of constants; :mod:`~system_manager.language.data_literals` makes values of that."""

from __future__ import annotations

from system_manager.base.type_hints import Callable
from system_manager.language import syntax
from system_manager.language.attribute_keys import distinct_copy
from system_manager.language.data_literals import Form

LEAST_DATA = 50
"""Members of a literal that is worth describing; a smaller one is made faster by code."""

_MOST_LEVELS = 100
"""How deeply a description nests: ``marshal`` takes some hundreds of levels."""

_CONSTANTS = {"true": True, "false": False, "null": None}


class _CodeNeededError(Exception):
    """Something in the literal is not a constant."""


def describe_data(node: syntax.Expression, is_global: Callable[[str], bool]) -> Form | None:
    """The form of a list or set of constants, in which there may be further ones; None for anything else.

    :param is_global: whether a name has the meaning that it has everywhere.
    """
    try:
        return _describe(node, is_global, _MOST_LEVELS)
    except _CodeNeededError:
        return None


def _describe(node: syntax.Expression | None, is_global: Callable[[str], bool], levels: int) -> Form:
    match node:
        case syntax.String():
            return node.text
        case syntax.Integer() | syntax.Float():
            return node.value
        case syntax.Variable(name=name) if name in _CONSTANTS and is_global(name):
            return _CONSTANTS[name]
        case syntax.Negate(operand=syntax.Integer() | syntax.Float() as number) if is_global("__sub"):
            return 0 - number.value
        case syntax.ListLiteral() if levels:
            return tuple([_describe(item, is_global, levels - 1) for item in node.items])
        case syntax.AttributeSet() if levels and not (node.recursive or node.bindings.dynamic):
            attributes = sorted(node.bindings.attributes.items())
            forms = [_describe(attribute.value, is_global, levels - 1) for _, attribute in attributes]
            offsets = tuple([attribute.position for _, attribute in attributes])
            return [tuple([distinct_copy(name) for name, _ in attributes]), offsets, tuple(forms)]
    raise _CodeNeededError
