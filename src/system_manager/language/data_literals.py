"""Lists and sets of constants, which generated programs are full of: made from a description, without any code.

As code, a literal of a million elements would take Python twenty times as long to compile as it takes to read.
:mod:`~system_manager.language.data_descriptions` makes the descriptions, and is not loaded where they are kept.
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Callable, TypeAlias
from system_manager.language.attribute_keys import make_positioned_keys
from system_manager.language.source import Source
from system_manager.language.values import Value

Form: TypeAlias = Any
"""Plain data: a constant as it is, a list as a tuple of forms, a set as a list of its names, their offsets and their
forms."""


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
