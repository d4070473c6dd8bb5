"""The words of the language, as the lexer hands them to the parser."""

from __future__ import annotations

import enum

from system_manager.base.records import record
from system_manager.language.errors import NixSyntaxError


class TokenKind(enum.IntEnum):
    """What a token is. Each token also has a value, which is given here where it is not None."""

    IDENTIFIER = enum.auto()  # str
    INTEGER = enum.auto()  # int
    FLOAT = enum.auto()  # float
    STRING = enum.auto()  # str: a whole literal in double quotes without interpolation
    URI = enum.auto()  # str
    PATH = enum.auto()  # str: a whole literal without interpolation
    SEARCH_PATH = enum.auto()  # str, without the angle brackets

    # Literals with interpolation come in pieces: OPEN, then parts and `${` … `}`, then CLOSE.
    STRING_OPEN = enum.auto()
    STRING_PART = enum.auto()  # str
    STRING_CLOSE = enum.auto()
    INDENTED_OPEN = enum.auto()
    INDENTED_PART = enum.auto()  # IndentedPart
    INDENTED_CLOSE = enum.auto()
    PATH_OPEN = enum.auto()  # str: the first part
    PATH_PART = enum.auto()  # str
    PATH_CLOSE = enum.auto()
    INTERPOLATION = enum.auto()  # ${

    IF = enum.auto()
    THEN = enum.auto()
    ELSE = enum.auto()
    ASSERT = enum.auto()
    WITH = enum.auto()
    LET = enum.auto()
    IN = enum.auto()
    REC = enum.auto()
    INHERIT = enum.auto()
    OR_KEYWORD = enum.auto()  # the word "or"

    LEFT_BRACE = enum.auto()
    RIGHT_BRACE = enum.auto()
    LEFT_BRACKET = enum.auto()
    RIGHT_BRACKET = enum.auto()
    LEFT_PARENTHESIS = enum.auto()
    RIGHT_PARENTHESIS = enum.auto()
    SEMICOLON = enum.auto()
    COLON = enum.auto()
    COMMA = enum.auto()
    DOT = enum.auto()
    ELLIPSIS = enum.auto()
    AT = enum.auto()
    QUESTION_MARK = enum.auto()
    ASSIGN = enum.auto()
    NOT = enum.auto()

    PLUS = enum.auto()
    MINUS = enum.auto()
    TIMES = enum.auto()
    DIVIDE = enum.auto()
    CONCATENATE = enum.auto()
    UPDATE = enum.auto()
    EQUAL = enum.auto()
    NOT_EQUAL = enum.auto()
    LESS = enum.auto()
    LESS_OR_EQUAL = enum.auto()
    GREATER = enum.auto()
    GREATER_OR_EQUAL = enum.auto()
    AND = enum.auto()
    OR = enum.auto()
    IMPLIES = enum.auto()
    PIPE_INTO = enum.auto()
    PIPE_FROM = enum.auto()

    UNKNOWN = enum.auto()  # str: a character that belongs to no token
    INVALID = enum.auto()  # NixSyntaxError: what the lexer could not read; always the last but one
    END = enum.auto()


KEYWORDS = {
    "if": TokenKind.IF,
    "then": TokenKind.THEN,
    "else": TokenKind.ELSE,
    "assert": TokenKind.ASSERT,
    "with": TokenKind.WITH,
    "let": TokenKind.LET,
    "in": TokenKind.IN,
    "rec": TokenKind.REC,
    "inherit": TokenKind.INHERIT,
    "or": TokenKind.OR_KEYWORD,
}

SYMBOLS = {
    "${": TokenKind.INTERPOLATION,
    "{": TokenKind.LEFT_BRACE,
    "}": TokenKind.RIGHT_BRACE,
    "[": TokenKind.LEFT_BRACKET,
    "]": TokenKind.RIGHT_BRACKET,
    "(": TokenKind.LEFT_PARENTHESIS,
    ")": TokenKind.RIGHT_PARENTHESIS,
    ";": TokenKind.SEMICOLON,
    ":": TokenKind.COLON,
    ",": TokenKind.COMMA,
    ".": TokenKind.DOT,
    "...": TokenKind.ELLIPSIS,
    "@": TokenKind.AT,
    "?": TokenKind.QUESTION_MARK,
    "=": TokenKind.ASSIGN,
    "!": TokenKind.NOT,
    "+": TokenKind.PLUS,
    "-": TokenKind.MINUS,
    "*": TokenKind.TIMES,
    "/": TokenKind.DIVIDE,
    "++": TokenKind.CONCATENATE,
    "//": TokenKind.UPDATE,
    "==": TokenKind.EQUAL,
    "!=": TokenKind.NOT_EQUAL,
    "<": TokenKind.LESS,
    "<=": TokenKind.LESS_OR_EQUAL,
    ">": TokenKind.GREATER,
    ">=": TokenKind.GREATER_OR_EQUAL,
    "&&": TokenKind.AND,
    "||": TokenKind.OR,
    "->": TokenKind.IMPLIES,
    "|>": TokenKind.PIPE_INTO,
    "<|": TokenKind.PIPE_FROM,
}

DESCRIPTIONS = {
    TokenKind.IDENTIFIER: "a name",
    TokenKind.INTEGER: "an integer",
    TokenKind.FLOAT: "a floating-point number",
    TokenKind.STRING: "a string",
    TokenKind.URI: "a URI",
    TokenKind.PATH: "a path",
    TokenKind.SEARCH_PATH: "a search path",
    TokenKind.STRING_OPEN: "a string",
    TokenKind.STRING_PART: "text in a string",
    TokenKind.STRING_CLOSE: "the end of a string",
    TokenKind.INDENTED_OPEN: "an indented string",
    TokenKind.INDENTED_PART: "text in an indented string",
    TokenKind.INDENTED_CLOSE: "the end of an indented string",
    TokenKind.PATH_OPEN: "a path",
    TokenKind.PATH_PART: "text in a path",
    TokenKind.PATH_CLOSE: "the end of a path",
    TokenKind.END: "the end of the file",
    **{kind: f"'{word}'" for word, kind in KEYWORDS.items()},
    **{kind: f"'{symbol}'" for symbol, kind in SYMBOLS.items()},
}


@record(frozen=True)
class IndentedPart:
    """A piece of an indented string.

    :param verbatim: the text stands in the source as it is here, so that its spaces may be indentation.
        Escapes (``''$``, ``'''``, ``''\\n``) and single ``$`` or ``'`` are not.
    """

    text: str
    verbatim: bool


TokenValue = str | int | float | IndentedPart | NixSyntaxError | None


@record(frozen=True)
class Tokens:
    """All tokens of a source: three lists of the same length, since the parser mostly looks at kinds.

    The last token is :attr:`TokenKind.END`.
    """

    kinds: list[TokenKind]
    values: list[TokenValue]
    offsets: list[int]
