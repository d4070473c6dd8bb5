"""Putting attributes into sets while parsing: nested paths, merging, and what counts as defined twice.

Two literal sets for the same name are merged, and so are ``a.b = …; a.c = …;``. Whether the merged set is
recursive is decided by the first one alone; a ``rec`` on the second is ignored. That is how Nix does it (its
issue 9020), and programs depend on it.
"""

from __future__ import annotations

from system_manager.language.errors import NixSyntaxError
from system_manager.language.source import Source
from system_manager.language.syntax import (
    Attribute,
    AttributeKind,
    AttributeSet,
    Bindings,
    DynamicAttribute,
    Expression,
    Variable,
)

AttributeName = str | Expression


def empty_bindings() -> Bindings:
    """Bindings to be filled."""
    return Bindings({}, [], [])


def add_attribute(
    source: Source, bindings: Bindings, path: list[AttributeName], position: int, value: Expression
) -> None:
    """Bind ``path`` to ``value``, making the sets on the way."""
    for depth, name in enumerate(path[:-1]):
        if not isinstance(name, str):
            nested = AttributeSet(position, recursive=False, bindings=empty_bindings())
            bindings.dynamic.append(DynamicAttribute(position, name, nested))
        elif (existing := bindings.attributes.get(name)) is None:
            nested = AttributeSet(position, recursive=False, bindings=empty_bindings())
            bindings.attributes[name] = Attribute(position, AttributeKind.PLAIN, nested)
        elif isinstance(existing.value, AttributeSet):
            nested = existing.value
        else:
            raise _defined_twice(source, path[: depth + 1], position, existing)
        bindings = nested.bindings
    name = path[-1]
    if isinstance(name, str):
        _bind(source, bindings, path, Attribute(position, AttributeKind.PLAIN, value))
    else:
        bindings.dynamic.append(DynamicAttribute(position, name, value))


def bind_name(source: Source, bindings: Bindings, name: str, position: int, value: Expression) -> None:
    """Bind a name to ``value``, as :func:`add_attribute` does for a path of one name."""
    attribute = Attribute(position, AttributeKind.PLAIN, value)
    if bindings.attributes.setdefault(name, attribute) is not attribute:
        _bind(source, bindings, [name], attribute)


def inherit_attribute(source: Source, bindings: Bindings, name: str, position: int, from_source: int | None) -> None:
    """Bind ``name`` to the surrounding scope's variable, or to an attribute of ``bindings.sources[from_source]``."""
    existing = bindings.attributes.get(name)
    if existing is not None:
        raise _defined_twice(source, [name], position, existing)
    if from_source is None:
        bindings.attributes[name] = Attribute(position, AttributeKind.INHERITED, Variable(position, name))
    else:
        bindings.attributes[name] = Attribute(position, AttributeKind.INHERITED_FROM, None, from_source)


def _bind(source: Source, bindings: Bindings, path: list[AttributeName], attribute: Attribute) -> None:
    name = path[-1]
    assert isinstance(name, str)
    existing = bindings.attributes.get(name)
    if existing is None:
        bindings.attributes[name] = attribute
    elif isinstance(existing.value, AttributeSet) and isinstance(attribute.value, AttributeSet):
        _merge(source, existing.value.bindings, path, attribute.value.bindings)
    else:
        raise _defined_twice(source, path, attribute.position, existing)


def _merge(source: Source, target: Bindings, path: list[AttributeName], added: Bindings) -> None:
    for name, attribute in added.attributes.items():
        if attribute.source is not None:
            attribute.source += len(target.sources)
        _bind(source, target, [*path, name], attribute)
    target.dynamic.extend(added.dynamic)
    target.sources.extend(added.sources)


def _defined_twice(source: Source, path: list[AttributeName], position: int, existing: Attribute) -> NixSyntaxError:
    shown = ".".join(name if isinstance(name, str) else "${…}" for name in path)
    return NixSyntaxError(
        f"the attribute '{shown}' is defined twice",
        source.position(position),
        notes=(("it was defined", source.position(existing.position)),),
    )
