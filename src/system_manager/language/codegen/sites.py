"""What is done at the places of generated code that can fail."""

from __future__ import annotations

from system_manager.base.enumerations import Enum


class Site(Enum):
    """What is done at a marked place; decides how a Python exception there is understood."""

    PLAIN = "P"
    ENTRY = "E"
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
