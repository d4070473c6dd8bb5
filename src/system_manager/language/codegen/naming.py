"""Names that generated code and those who run or explain it agree on."""

from __future__ import annotations

from types import CodeType


def builtin_variable(name: str) -> str:
    """The name in generated code of a built-in value."""
    return "builtin_" + name.replace("'", "_prime").replace("-", "_")


def builtin_function(name: str) -> str:
    """The name in generated code of the Python function behind a built-in."""
    return "call_" + builtin_variable(name)


def used_builtins(code: CodeType) -> set[str]:
    """The built-ins that generated code names, each as :func:`builtin_variable` calls it."""
    names = [name.removeprefix("call_") for name in code.co_names]
    used = {name for name in names if name.startswith("builtin_")}
    return used.union(*[used_builtins(inner) for inner in code.co_consts if isinstance(inner, CodeType)])


_KINDS = "TFGHIJK"


def unit_label(arity: int, identifier: int) -> str:
    """The name in generated code of a unit: a function of so many arguments, or a thunk, of none."""
    return f"{_KINDS[arity]}{identifier}"


def label_arity(label: str) -> int:
    """How many arguments the unit with this label takes; 0 for a thunk."""
    return _KINDS.index(label[0])
