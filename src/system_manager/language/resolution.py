"""What name resolution finds out about a program: its variables, its units, and which variable every name means."""

from __future__ import annotations

from system_manager.base.records import field, record
from system_manager.language import syntax
from system_manager.language.codegen.naming import unit_label
from system_manager.language.data_literals import Form


@record(eq=False)
class Binding:
    """One variable that a program defines.

    :param serial: its number in the program.
    :param unit: whose code makes it.
    :param value: the expression it stands for, if that is known.
    :param static: the name of the built-in that it certainly stands for; there is no variable then.
    :param fewest_arguments: with how many arguments all calls of a function apply it at least; 0 where it is, or may
        be, used in any other way.
    :param used: whether anything refers to it.
    :param variable: its name in the code of the unit that is being written.
    """

    name: str
    serial: int
    unit: Unit
    value: syntax.Expression | None = None
    static: str | None = None
    fewest_arguments: int = 0
    used: bool = False
    variable: str = ""


@record(eq=False)
class Layer:
    """One parameter of a function: the variable for the argument, and those taken out of it."""

    node: syntax.Lambda
    argument: Binding
    formals: dict[str, Binding]


@record(eq=False)
class Unit:
    """A function, or an expression that is evaluated later.

    :param arity: the number of arguments of a function; 0 for a thunk.
    :param name: what the program calls it: the attribute or variable that is bound to it.
    :param layers: for a function, its parameters.
    :param only_called: whether all uses of a function are calls with all of its arguments.
    :param made: the variables that the unit's own code makes.
    """

    identifier: int
    arity: int
    node: syntax.Expression
    parent: Unit | None
    name: str | None
    name_offset: int
    captures: dict[Binding, None] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    only_called: bool = False
    made: list[Binding] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The unit's name in generated code."""
        return unit_label(self.arity, self.identifier)


@record(frozen=True)
class Static:
    """A variable that means a built-in value: ``builtins`` itself or one of its attributes."""

    name: str


@record(frozen=True)
class Dynamic:
    """A variable that must be looked up in the sets of the surrounding ``with``, innermost first."""

    name: str
    namespaces: tuple[Binding | Static, ...]


Reference = Binding | Static | Dynamic


@record(eq=False)
class Group:
    """What a :class:`syntax.Bindings` defines: its variables, and those of its ``inherit (source)``."""

    members: dict[str, Binding]
    sources: list[Binding | Static]
    made: list[Binding]


@record()
class Resolution:
    """The result of the pass.

    :param root: the unit of the whole program; its captures are names of the scope it was given.
    :param references: the meaning of every variable.
    :param units: the unit of every function and of every expression that is evaluated later.
    :param groups: what every set and ``let`` defines.
    :param namespaces: the variable that holds the set of each ``with``.
    :param replaced: operators and search paths whose function the program has redefined, as calls; all of them where
        calls are counted.
    :param counts_calls: whether the code counts its calls, see :mod:`~system_manager.language.call_depth`.
    :param data: literals that are made without code, as :mod:`~system_manager.language.data_literals` describes them.
    """

    root: Unit
    by_identifier: list[Unit]
    references: dict[syntax.Variable, Reference] = field(default_factory=dict)
    units: dict[syntax.Expression, Unit] = field(default_factory=dict)
    groups: dict[syntax.Bindings, Group] = field(default_factory=dict)
    namespaces: dict[syntax.With, Binding | Static] = field(default_factory=dict)
    replaced: dict[syntax.Expression, syntax.Expression] = field(default_factory=dict)
    counts_calls: bool = False
    data: dict[syntax.Expression, Form] = field(default_factory=dict)
