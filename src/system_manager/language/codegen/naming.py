"""Names that generated code and those who run or explain it agree on."""

from __future__ import annotations


def builtin_variable(name: str) -> str:
    """The name in generated code of a built-in value."""
    return "builtin_" + name.replace("'", "_prime").replace("-", "_")


def builtin_function(name: str) -> str:
    """The name in generated code of the Python function behind a built-in."""
    return "call_" + builtin_variable(name)
