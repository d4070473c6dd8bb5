"""Enumerations that cost little to define.

Importing ``enum`` takes 4 ms with all that it imports, and every class of its a tenth of one. These have what is used
of it: members with ``name`` and ``value``, which are looked up by value, listed in order and compared by identity. For
type checkers they are the classes of :mod:`enum` (``enumerations.pyi``).
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Iterator


class _Enumeration(type):
    """Makes members of the plain values in a class's body; functions stay methods."""

    _members: dict[object, Any]

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        values = {key: value for key, value in body.items() if key[:2] != "__" and not hasattr(value, "__get__")}
        made: Any = super().__new__(cls, name, bases, {key: body[key] for key in body if key not in values})
        made._members = {}
        for key, value in values.items():
            member = made.__new__(made, value)
            member.name, member.value = key, value
            member.__init__(value)
            setattr(made, key, member)
            made._members[value] = member
        return made

    def __call__(cls, value: object) -> Any:
        """The member with this value. Raises :class:`ValueError`."""
        try:
            return cls._members[value]
        except KeyError:
            raise ValueError(f"{value!r} is not a valid {cls.__name__}") from None

    def __iter__(cls) -> Iterator[Any]:
        return iter(cls._members.values())


class Enum(metaclass=_Enumeration):
    """A base class of enumerations."""

    name: str
    value: Any

    def __new__(cls, _value: object) -> Any:
        return object.__new__(cls)

    def __init__(self, _value: object) -> None: ...

    def __repr__(self) -> str:
        return f"<{self.__class__.__name__}.{self.name}: {self.value!r}>"

    def __str__(self) -> str:
        return f"{self.__class__.__name__}.{self.name}"


class IntEnum(int, metaclass=_Enumeration):
    """A base class of enumerations whose members are integers."""

    name: str
    value: int

    __repr__ = Enum.__repr__
    __str__ = int.__repr__
