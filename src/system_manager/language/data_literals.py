"""Lists and sets of constants, which generated programs are full of: made from a description, without any code.

As code, a literal of a million elements would take Python twenty times as long to compile as it takes to read.
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Callable, TypeAlias
from system_manager.language import syntax
from system_manager.language.attribute_keys import distinct_copy, make_positioned_keys
from system_manager.language.source import Source
from system_manager.language.values import Value

Form: TypeAlias = Any
"""Plain data: a constant as it is, a list as a tuple of forms, a set as a list of its names, their offsets and their
forms."""

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


def data_maker(form: Form, source: Source) -> Callable[[], Value]:
    """What makes the value of a literal, another one each time: a program can tell."""
    value = _make(form, source)
    unused = [value]

    def make() -> Value:
        return unused.pop() if unused else _copy(value)

    return make


def _make(form: Form, source: Source) -> Value:
    if form.__class__ is tuple:
        return tuple([_make(item, source) for item in form])
    if form.__class__ is list:
        names, offsets, values = form
        made = [_make(item, source) for item in values]
        return dict(zip(make_positioned_keys(names, source, offsets), made, strict=True))
    return form


def _copy(value: Value) -> Value:
    if value.__class__ is tuple:
        return tuple([_copy(item) for item in value])
    if value.__class__ is dict:
        return {name: _copy(item) for name, item in value.items()}
    return value
