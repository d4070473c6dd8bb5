"""Names that generated code and those who run or explain it agree on."""

from __future__ import annotations


def builtin_variable(name: str) -> str:
    """The name in generated code of a built-in value."""
    return "builtin_" + name.replace("'", "_prime").replace("-", "_")


def builtin_function(name: str) -> str:
    """The name in generated code of the Python function behind a built-in."""
    return "call_" + builtin_variable(name)


_KINDS = "TFGHIJK"


def unit_label(arity: int, identifier: int) -> str:
    """The name in generated code of a unit: a function of so many arguments, or a thunk, of none."""
    return f"{_KINDS[arity]}{identifier}"


def label_arity(label: str) -> int:
    """How many arguments the unit with this label takes; 0 for a thunk."""
    return _KINDS.index(label[0])
