"""How strongly the binary operators hold their operands, and what operands and expressions start and end with."""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.base.type_hints import Final
from system_manager.language.syntax import Operator
from system_manager.language.tokens import TokenKind


@record(frozen=True)
class Binding:
    """How strongly an operator holds its operands; the higher, the stronger."""

    strength: int
    right_minimum: int  # the weakest operator that its right operand may contain
    operator: Operator
    chains: bool = True


def _left(strength: int, operator: Operator) -> Binding:
    return Binding(strength, strength + 1, operator)


def _right(strength: int, operator: Operator) -> Binding:
    return Binding(strength, strength, operator)


def _alone(strength: int, operator: Operator) -> Binding:
    return Binding(strength, strength + 1, operator, chains=False)


NOT_MINIMUM = 7  # what `!` leaves to the operators around it is weaker than this
HAS_ATTRIBUTE = 11
NEGATE_MINIMUM = 12
BINDINGS: Final[list[Binding | None]] = [None] * (max(TokenKind) + 1)
for _kind, _binding in {
    TokenKind.IMPLIES: _right(1, Operator.IMPLIES),
    TokenKind.OR: _left(2, Operator.OR),
    TokenKind.AND: _left(3, Operator.AND),
    TokenKind.EQUAL: _alone(4, Operator.EQUAL),
    TokenKind.NOT_EQUAL: _alone(4, Operator.NOT_EQUAL),
    TokenKind.LESS: _alone(5, Operator.LESS),
    TokenKind.LESS_OR_EQUAL: _alone(5, Operator.LESS_OR_EQUAL),
    TokenKind.GREATER: _alone(5, Operator.GREATER),
    TokenKind.GREATER_OR_EQUAL: _alone(5, Operator.GREATER_OR_EQUAL),
    TokenKind.UPDATE: _right(6, Operator.UPDATE),
    TokenKind.PLUS: _left(8, Operator.ADD),
    TokenKind.MINUS: _left(8, Operator.SUBTRACT),
    TokenKind.TIMES: _left(9, Operator.MULTIPLY),
    TokenKind.DIVIDE: _left(9, Operator.DIVIDE),
    TokenKind.CONCATENATE: _right(10, Operator.CONCATENATE),
}.items():
    BINDINGS[_kind] = _binding

STARTS_OPERAND: Final[list[bool]] = [
    kind
    in (
        TokenKind.IDENTIFIER,
        TokenKind.INTEGER,
        TokenKind.FLOAT,
        TokenKind.STRING,
        TokenKind.STRING_OPEN,
        TokenKind.INDENTED_OPEN,
        TokenKind.URI,
        TokenKind.PATH,
        TokenKind.PATH_OPEN,
        TokenKind.SEARCH_PATH,
        TokenKind.LEFT_BRACE,
        TokenKind.LEFT_BRACKET,
        TokenKind.LEFT_PARENTHESIS,
        TokenKind.REC,
        TokenKind.LET,
    )
    for kind in range(max(TokenKind) + 1)
]

IS_WORD: Final[list[bool]] = [
    kind
    in (
        TokenKind.IDENTIFIER,
        TokenKind.INTEGER,
        TokenKind.FLOAT,
        TokenKind.STRING,
        TokenKind.URI,
        TokenKind.PATH,
        TokenKind.SEARCH_PATH,
    )
    for kind in range(max(TokenKind) + 1)
]
"""Tokens that are operands by themselves."""

ENDS_EXPRESSION: Final[list[bool]] = [
    kind
    in (
        TokenKind.SEMICOLON,
        TokenKind.COMMA,
        TokenKind.RIGHT_BRACE,
        TokenKind.RIGHT_PARENTHESIS,
        TokenKind.THEN,
        TokenKind.ELSE,
        TokenKind.END,
    )
    for kind in range(max(TokenKind) + 1)
]
"""Tokens that cannot go on with an expression."""
