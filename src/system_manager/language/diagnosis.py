"""Why a program cannot be parsed, in words: what was seen, what was expected, what is still open.

Nothing here runs for a correct program. The parser hands over the token that it cannot use; everything else is
found by reading the tokens before it once more.
"""

from __future__ import annotations

from system_manager.language.errors import NixSyntaxError
from system_manager.language.source import Position, Source
from system_manager.language.tokens import DESCRIPTIONS, TokenKind, Tokens

_CLOSERS = {
    TokenKind.RIGHT_BRACE: (TokenKind.LEFT_BRACE, TokenKind.INTERPOLATION),
    TokenKind.RIGHT_BRACKET: (TokenKind.LEFT_BRACKET,),
    TokenKind.RIGHT_PARENTHESIS: (TokenKind.LEFT_PARENTHESIS,),
    TokenKind.IN: (TokenKind.LET,),
    TokenKind.THEN: (TokenKind.IF,),
    TokenKind.ELSE: (TokenKind.THEN,),
}
_OPENERS = frozenset(opener for openers in _CLOSERS.values() for opener in openers)
_CLOSED_BY = {
    TokenKind.LEFT_BRACE: "}",
    TokenKind.INTERPOLATION: "}",
    TokenKind.LEFT_BRACKET: "]",
    TokenKind.LEFT_PARENTHESIS: ")",
    TokenKind.LET: "in",
    TokenKind.IF: "then",
    TokenKind.THEN: "else",
}
_OPERANDS = frozenset(
    (
        TokenKind.IDENTIFIER,
        TokenKind.INTEGER,
        TokenKind.FLOAT,
        TokenKind.STRING,
        TokenKind.PATH,
        TokenKind.RIGHT_PARENTHESIS,
        TokenKind.RIGHT_BRACKET,
        TokenKind.RIGHT_BRACE,
    )
)


def unexpected(source: Source, tokens: Tokens, index: int, expected: str) -> NixSyntaxError:
    """The error for the token at ``index``, where ``expected`` (a phrase) should stand."""
    kind, value = tokens.kinds[index], tokens.values[index]
    if isinstance(value, NixSyntaxError):
        return _with_suspect(source, tokens, index, value)
    offset = tokens.offsets[index]
    opened = _innermost_open(tokens, index)
    notes: tuple[tuple[str, Position], ...] = ()
    if opened is not None and (
        kind is TokenKind.END or (kind in _CLOSERS and tokens.kinds[opened] not in _CLOSERS[kind])
    ):
        opener = tokens.kinds[opened]
        notes = ((f"the {DESCRIPTIONS[opener]} that is still open, without its '{_CLOSED_BY[opener]}', is",
                  source.position(tokens.offsets[opened])),)  # fmt: skip
    return NixSyntaxError(
        f"expected {expected}, but found {_seen(kind, value)}",
        source.position(offset),
        notes=notes,
        hint=_hint(tokens, index, opened, expected),
    )


def _with_suspect(source: Source, tokens: Tokens, index: int, error: NixSyntaxError) -> NixSyntaxError:
    """The error, with the string before it that spans lines, if it is a string without end: one quote too few."""
    opened = source.text.startswith(('"', "''"), tokens.offsets[index])
    for earlier in range(index - 1, -1, -1):
        kind, value = tokens.kinds[earlier], tokens.values[earlier]
        if opened and kind is TokenKind.STRING and isinstance(value, str) and "\n" in value:
            note = "a quote may be missing in the string before it, which spans lines and starts"
            return NixSyntaxError(
                error.what,
                error.position or source.position(0),
                notes=[(note, source.position(tokens.offsets[earlier]))],
            )
    return error


def _seen(kind: TokenKind, value: object) -> str:
    if kind is TokenKind.IDENTIFIER:
        return f"the name '{value}'"
    if kind is TokenKind.UNKNOWN:
        return _unknown_character(str(value))
    if kind in (TokenKind.INTEGER, TokenKind.FLOAT):
        return f"the number {value}"
    return DESCRIPTIONS[kind]


def _unknown_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a surrogate escape
        return f"the byte 0x{code - 0xDC00:02x}, which is not UTF-8"
    if code == 0xFEFF:
        return "a byte order mark"
    return f"'{character}'" if character.isprintable() else f"the character U+{code:04X}"


def _innermost_open(tokens: Tokens, end: int) -> int | None:
    """The index of the last bracket or keyword before ``end`` whose counterpart has not come yet."""
    stack: list[int] = []
    for index in range(end):
        kind = tokens.kinds[index]
        if kind is TokenKind.LET and tokens.kinds[index + 1] is TokenKind.LEFT_BRACE:
            continue  # the old form has no "in"
        if stack and tokens.kinds[stack[-1]] in _CLOSERS.get(kind, ()):
            stack.pop()
        if kind in _OPENERS:
            stack.append(index)
    return stack[-1] if stack else None


def _hint(tokens: Tokens, index: int, opened: int | None, expected: str) -> str | None:
    """What people who write this usually mean; None if there is nothing to guess."""
    kinds = tokens.kinds
    kind, before = kinds[index], kinds[index - 1] if index else TokenKind.END
    inside = kinds[opened] if opened is not None else None
    if kind is TokenKind.UNKNOWN:
        return _hint_for_character(str(tokens.values[index]), before)
    if kind is TokenKind.COMMA:
        return _hint_for_comma(inside, expected)
    if kind is TokenKind.ASSIGN:
        return _hint_for_assign(before, inside, expected)
    if kind is TokenKind.COLON:
        return _hint_for_colon(tokens, index, expected)
    if kind is TokenKind.EQUAL and "'='" in expected:
        return "an attribute is bound with a single '='"
    if kind is TokenKind.SEMICOLON:
        return _hint_for_semicolon(inside)
    if kind is TokenKind.RIGHT_BRACE and "';'" in expected:
        return "each attribute ends with ';', the last one too"
    if kind in (TokenKind.RIGHT_BRACE, TokenKind.RIGHT_BRACKET, TokenKind.RIGHT_PARENTHESIS) and opened is None:
        return f"{DESCRIPTIONS[kind]} closes nothing here"
    if kind is TokenKind.ELSE and before is TokenKind.SEMICOLON:
        return "there is no ';' between the branches of a conditional"
    return _hint_for_habit(tokens, index, expected)


def _hint_for_habit(tokens: Tokens, index: int, expected: str) -> str | None:
    """Hints for what other languages write at this place."""
    kind = tokens.kinds[index]
    if "an attribute's name" in expected and kind in (TokenKind.LEFT_PARENTHESIS, TokenKind.LEFT_BRACKET):
        return "a name that is computed is written ${…}; an element of a list is: builtins.elemAt list index"
    if kind is TokenKind.UPDATE and expected == "an expression":
        return "comments start with '#', or stand between '/*' and '*/'"
    if kind is TokenKind.PLUS and expected == "an expression":
        return "there is no '+' before a number"
    if kind is TokenKind.THEN and "elif" in tokens.values[max(0, index - 3) : index]:
        return "write 'else if'"
    if "'else'" in expected:
        return "every 'if' needs an 'else', since it always has a value"
    return None


def _hint_for_comma(inside: TokenKind | None, expected: str) -> str:
    if "inherit" in expected:
        return "inherited names are separated by spaces: inherit a b;"
    if inside is TokenKind.LET:
        return "bindings end with ';': let a = 1; b = 2; in …"
    if inside is TokenKind.LEFT_BRACKET:
        return "the elements of a list are separated by spaces: [ 1 2 3 ]"
    if inside is TokenKind.LEFT_BRACE:
        return "attributes end with ';': { a = 1; b = 2; }"
    return "the arguments of a function are separated by spaces: f a b"


def _hint_for_colon(tokens: Tokens, index: int, expected: str) -> str | None:
    if "'='" in expected:
        return "an attribute is written: name = value;"
    before = tokens.kinds[max(0, index - 2) : index]
    if before and before[0] is TokenKind.QUESTION_MARK:
        return "a conditional is written: if condition then value else value"
    if before and before[-1] in (TokenKind.IDENTIFIER, TokenKind.RIGHT_BRACE):
        return "a function that is an operand or an argument needs parentheses: f (x: x)"
    return None


def _hint_for_assign(before: TokenKind, inside: TokenKind | None, expected: str) -> str | None:
    if inside in (TokenKind.LEFT_BRACE, TokenKind.LET) and before is TokenKind.IDENTIFIER and "';'" in expected:
        return "is the ';' missing behind the previous attribute?"
    if inside in (TokenKind.LEFT_BRACE, TokenKind.LET, TokenKind.IF):
        return "to compare, write '=='"
    if before is TokenKind.IDENTIFIER:
        return "to bind a name, write: let name = value; in expression"
    return None


def _hint_for_semicolon(inside: TokenKind | None) -> str | None:
    if inside is None:
        return "a file is one expression, without ';' at its end"
    if inside is TokenKind.LEFT_PARENTHESIS:
        return "the ')' comes before the ';'"
    if inside is TokenKind.LEFT_BRACKET:
        return "the elements of a list are separated by spaces, and ']' comes before the ';'"
    return None


def _hint_for_character(character: str, before: TokenKind) -> str | None:
    if character == "'":
        return "strings are written with double quotes"
    if character == "\ufeff":
        return "save the file as UTF-8 without a byte order mark"
    if character == "&":
        return "the logical operator is '&&'"
    if character == "|":
        return "the logical operator is '||'"
    if character in "“”‘’":  # noqa: RUF001 -- what word processors make of quotes
        return "quotes are written \" or ''"
    if character == "\u00a0":
        return "this is a no-break space: replace it by an ordinary one"
    if character == "$" and before is not TokenKind.DOT:
        return "variables are written without '$'; interpolation is written ${…}"
    if character == "%":
        return "there is no operator '%'; a - b * (a / b) is the remainder of two integers"
    return None
