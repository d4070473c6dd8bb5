"""Where attributes were defined: the keys of sets are string objects that remember a place in a program.

A set is a plain ``dict``, and its keys go with their attributes through copies and merges, so knowing the places costs
nothing there. Only the identity of a key says where its attribute comes from; as a string it equals its name.
"""

from __future__ import annotations

from itertools import repeat

from system_manager.base.type_hints import Any, Mapping, Sequence
from system_manager.language.source import Position, Source
from system_manager.language.values import Lazy

# The table holds every positioned key alive, since its id must stay its own.
_places: dict[int, tuple[str, Source, int]] = {}
PLAIN_KEYS: dict[str, str] = {}
"""Strings that remember no place, for names that were asked for so far."""
_copies: dict[int, dict[str, str]] = {}
_SMALL = 8
"""Up to so many keys are compared one by one, which takes less time than a probe."""


def make_positioned_key(name: str, source: Source, offset: int) -> str:
    """A string equal to ``name`` whose identity remembers where the attribute was defined. It is never freed."""
    key = distinct_copy(name)
    if key is not name:
        _places[id(key)] = (key, source, offset)
    return key


def make_positioned_keys(names: Sequence[str], source: Source, offsets: Sequence[int]) -> Sequence[str]:
    """Have string objects that nobody else uses remember where the attributes were defined; they are never freed."""
    if 1 in map(len, names):  # Python has one object for each of these
        names = [distinct_copy(name) if len(name) == 1 else name for name in names]
    _places.update(zip(map(id, names), zip(names, repeat(source), offsets, strict=False), strict=True))
    return names


def plain_key(name: str) -> str:
    """A string equal to ``name`` that remembers no place, for attributes that a built-in makes."""
    if id(name) not in _places:
        return name
    plain = PLAIN_KEYS.get(name)
    if plain is None:
        plain = distinct_copy(name)
        PLAIN_KEYS[plain] = plain
    return plain


def key_with_place_of(name: str, other: str) -> str:
    """A string equal to ``name`` that remembers the place that ``other`` remembers, if it does."""
    place = _places.get(id(other))
    if place is None:
        return plain_key(name)
    copies = _copies.get(id(other))
    if copies is None:
        copies = _copies[id(other)] = {}
    key = copies.get(name)
    if key is None:
        key = copies[name] = make_positioned_key(name, place[1], place[2])
    return key


def distinct_copy(name: str) -> str:
    """An equal string that is another object."""
    # CPython shares strings of one Latin-1 character; only the case conversions make a new one.
    if len(name) == 1:
        return name.upper() if name.isupper() else name.lower()
    return (name + " ")[:-1]


class _Probe:
    """Equal to a string; tells which string object it was found equal to."""

    __slots__ = ("found", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = name

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        if self.name == other:
            self.found = str(other)
            return True
        return False


def own_key(attributes: Mapping[Any, Lazy], name: str) -> str:
    """The key object under which the set holds the attribute, which it must have.

    A dict gives its own keys back only while iterating, which takes long for a set of all packages.
    """
    if len(attributes) <= _SMALL:
        for key in attributes:
            if key == name:
                own: str = key
                return own
    probe = _Probe(name)
    attributes[probe]
    return probe.found


def key_position(key: str) -> Position | None:
    """The position that this very string object remembers."""
    place = _places.get(id(key))
    return place[1].position(place[2]) if place else None


def attribute_position(attributes: Mapping[str, Lazy], name: str) -> Position | None:
    """Where the attribute was defined, if it came from program text."""
    return key_position(own_key(attributes, name)) if name in attributes else None
