"""Data classes that cost little to define.

``dataclasses.dataclass`` compiles up to seven methods for every class, about half a millisecond each time a program
starts, and importing it takes longer than importing any other part of the standard library that is used. A
:func:`record` has the same fields, slots, equality and text, but shares all methods with every other record. What
is used often is compiled then: ``__init__`` after the first few instances, which most classes of a run never see.
"""

from __future__ import annotations

from system_manager.base.type_hints import Any, Callable, Final, NoReturn, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type)

FIELDS = "__record_fields__"
"""The class attribute with the names of all fields, those of base classes first."""

_FEW = 10
"""Instances of a class that are made before its ``__init__`` is compiled: that takes as long as making 50."""

MISSING: Final[Any] = object()
"""A default or a value that there is not."""


class FrozenRecordError(AttributeError):
    """A field of a frozen record was assigned to."""


class Field:
    """What :func:`field` says about one."""

    __slots__ = ("compare", "default", "default_factory", "init", "repr")

    def __init__(self, default: Any, default_factory: Any, *, init: bool, repr: bool, compare: bool) -> None:  # noqa: A002 -- as in dataclasses
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare


def field(
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002 -- as in dataclasses
    compare: bool = True,
) -> Any:
    """A field about which more is to be said than its type and default; as in :mod:`dataclasses`."""
    return Field(default, default_factory, init=init, repr=repr, compare=compare)


@dataclass_transform(field_specifiers=(field,))
def record(*, frozen: bool = False, eq: bool = True) -> Callable[[_Class], _Class]:
    """Make a class with annotated fields a record with slots.

    Plain defaults, ``field`` with ``default_factory``, ``init``, ``repr`` or ``compare``, ``__post_init__`` and
    inheritance from other records mean what they mean for ``dataclass(slots=True)``.

    :param frozen: assigning to a field is an error, and instances can be hashed if they can be compared.
    :param eq: instances are equal when their fields are; otherwise each is equal to itself alone.
    """

    def make(cls: _Class) -> _Class:
        namespace = dict(cls.__dict__)
        own = namespace.get("__annotations__", {})
        defaults = {name: namespace.pop(name) for name in own if name in namespace}
        parent: Any = next((base for base in cls.__mro__[1:] if FIELDS in base.__dict__), None)
        namespace.pop("__dict__", None)
        namespace.pop("__weakref__", None)
        namespace["__slots__"] = tuple(own)
        namespace[FIELDS] = (*(getattr(parent, FIELDS) if parent else ()), *own)
        namespace["__record_defaults__"] = {**(parent.__record_defaults__ if parent else {}), **defaults}
        namespace["__match_args__"] = namespace[FIELDS]
        namespace["__init__"] = _first_init(frozen=frozen)
        namespace.setdefault("__repr__", _repr)
        if eq:
            namespace.setdefault("__eq__", _first_eq)
            namespace.setdefault("__hash__", _first_hash if frozen else None)
        if frozen:
            namespace["__setattr__"] = _refuse_assignment
            namespace["__delattr__"] = _refuse_deletion
        made: _Class = type(cls)(cls.__name__, cls.__bases__, namespace)
        return made

    return make


_Record = TypeVar("_Record")


def replace(instance: _Record, **changes: Any) -> _Record:
    """A copy of a record with other values in some fields; all of them must be parameters of ``__init__``."""
    values = {name: getattr(instance, name) for name in getattr(instance, FIELDS)}
    return instance.__class__(**{**values, **changes})


def _first_init(*, frozen: bool) -> Callable[..., None]:
    made = 0

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 -- it becomes the method
        nonlocal made
        # A base class's, when a subclass has one of its own that calls it.
        owner: Any = next(base for base in type(self).__mro__ if base.__dict__.get("__init__") is __init__)
        made += 1
        if made <= _FEW and _initialise(self, owner, values, named):
            return
        owner.__init__ = init = _compile_init(owner, frozen=frozen)
        init(self, *values, **named)

    return __init__


def _initialise(instance: Any, owner: Any, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Do what a compiled ``__init__`` does; False, and nothing done, for arguments that do not fit."""
    defaults = owner.__record_defaults__
    names = getattr(owner, FIELDS)
    parameters = [name for name in names if not _is_field(owner, name, "init", absent=False)]
    given = dict(zip(parameters, values, strict=False))
    if len(values) > len(parameters) or not named.keys() <= set(parameters[len(values) :]):
        return False
    given.update(named)
    found = []
    for name in names:
        value = given.get(name, MISSING)
        if value is MISSING:
            default = value = defaults.get(name, MISSING)
            if default.__class__ is Field:
                value = default.default if default.default_factory is MISSING else default.default_factory()
            if value is MISSING:
                if default.__class__ is Field and not default.init:
                    continue  # set by __post_init__
                return False
        found.append((name, value))
    assign = object.__setattr__
    for name, value in found:
        assign(instance, name, value)
    if hasattr(owner, "__post_init__"):
        instance.__post_init__()
    return True


def _compile_init(cls: Any, *, frozen: bool) -> Callable[..., None]:
    globals_: dict[str, Any] = {"MISSING": MISSING, "assign": object.__setattr__}
    parameters, lines = [], []
    for index, name in enumerate(getattr(cls, FIELDS)):
        default = cls.__record_defaults__.get(name, MISSING)
        value, parameter = name, name
        if isinstance(default, Field) and default.default_factory is not MISSING:
            globals_[f"make_{index}"] = default.default_factory
            value, parameter = f"make_{index}() if {name} is MISSING else {name}", f"{name}=MISSING"
            if not default.init:
                value, parameter = f"make_{index}()", ""
        elif isinstance(default, Field) and not default.init:
            continue  # set by __post_init__
        elif (plain := default.default if isinstance(default, Field) else default) is not MISSING:
            globals_[f"default_{index}"] = plain
            parameter = f"{name}=default_{index}"
        if parameter:
            parameters.append(parameter)
        lines.append(f" assign(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    text = f"def __init__({', '.join(['self', *parameters])}):\n" + "\n".join(lines or [" pass"])
    exec(text, globals_)  # noqa: S102 -- made of names only
    init: Callable[..., None] = globals_["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _compile_comparison(instance: Any) -> None:
    """Give the instance's class methods of its own in place of the shared ones."""
    cls = instance.__class__
    names = [name for name in getattr(cls, FIELDS) if not _is_field(cls, name, "compare", absent=False)]
    ours, theirs = ("".join(f"{who}.{name}, " for name in names) for who in ("self", "other"))
    text = f"""
def __eq__(self, other):
 return ({ours}) == ({theirs}) if other.__class__ is self.__class__ else NotImplemented
def __hash__(self):
 return hash(({ours}))
"""
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102 -- made of names only
    if cls.__eq__ is _first_eq:
        cls.__eq__ = namespace["__eq__"]
    if cls.__hash__ is _first_hash:
        cls.__hash__ = namespace["__hash__"]


def _is_field(cls: Any, name: str, option: str, *, absent: bool) -> bool:
    """Whether the field is declared by ``field(option=absent)``."""
    declared = cls.__record_defaults__.get(name)
    return isinstance(declared, Field) and getattr(declared, option) is absent


def _first_eq(self: Any, other: object) -> Any:
    _compile_comparison(self)
    return self.__eq__(other)


def _first_hash(self: Any) -> int:
    _compile_comparison(self)
    return hash(self)


def _repr(self: Any) -> str:
    names = [name for name in getattr(self, FIELDS) if not _is_field(self.__class__, name, "repr", absent=False)]
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
    return f"{self.__class__.__qualname__}({fields})"


def _refuse_assignment(_self: Any, name: str, _value: Any) -> NoReturn:
    raise FrozenRecordError(f"cannot assign to field {name!r}")


def _refuse_deletion(_self: Any, name: str) -> NoReturn:
    raise FrozenRecordError(f"cannot delete field {name!r}")
