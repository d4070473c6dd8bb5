"""Names that generated code and those who run or explain it agree on."""

from __future__ import annotations

import enum


def builtin_variable(name: str) -> str:
    """The name in generated code of a built-in value."""
    return "builtin_" + name.replace("'", "_prime").replace("-", "_")


def builtin_function(name: str) -> str:
    """The name in generated code of the Python function behind a built-in."""
    return "call_" + builtin_variable(name)


class Site(enum.Enum):
    """What is done at a marked place; decides how a Python exception there is understood."""

    PLAIN = "P"
    SELECT = "S"
    CALL = "C"
    WITH = "W"
    FORMAL = "F"
    IF = "I"
    ASSERT = "A"
    NOT = "!"
    LEFT_OF_AND = "&"
    RIGHT_OF_AND = "N"
    LEFT_OF_OR = "|"
    RIGHT_OF_OR = "O"
    LEFT_OF_IMPLIES = ">"
    RIGHT_OF_IMPLIES = "Q"
    INTERPOLATE = "$"
