"""The names that annotations are made of, without what it takes to import them.

``typing`` and ``collections.abc`` bring ``re``, ``functools``, ``enum`` and all of ``collections``: 9 ms at every start
of a program that never looks at an annotation. For type checkers the names here are those of the standard library
(``type_hints.pyi``); at run time they stand for nothing. Modules whose annotations are read at run time, as ``msgspec``
does, import ``typing`` itself.
"""

from __future__ import annotations

from _collections_abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)

__all__ = [
    "IO",
    "AbstractContextManager",
    "Any",
    "BinaryIO",
    "Callable",
    "ClassVar",
    "Collection",
    "Container",
    "Final",
    "Iterable",
    "Iterator",
    "Mapping",
    "NewType",
    "NoReturn",
    "Path",
    "Pattern",
    "Popen",
    "Protocol",
    "Self",
    "Sequence",
    "Set",
    "TextIO",
    "TypeAlias",
    "TypeVar",
    "cast",
    "dataclass_transform",
]

AbstractContextManager = Any = BinaryIO = ClassVar = Final = IO = NoReturn = Path = Pattern = object
Popen = Protocol = Self = TextIO = TypeAlias = object


def TypeVar(_name: str, *_constraints: object, **_options: object) -> object:  # noqa: N802 -- as in typing
    """Nothing that is needed at run time."""
    return object


def NewType(_name: str, kind: type) -> type:  # noqa: N802 -- as in typing
    """The type that the new one is made of: calling that makes a value of the new one."""
    return kind


def cast(_kind: object, value: object) -> object:
    """The value."""
    return value


def dataclass_transform(**_options: object) -> Callable[[object], object]:
    """A decorator that does nothing."""
    return lambda decorated: decorated
