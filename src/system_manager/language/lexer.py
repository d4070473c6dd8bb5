"""Program text to tokens, by the rules of Nix: the longest match wins.

One regular expression takes what nearly every token is; whatever could also be the start of a path or a URI goes
through :meth:`_Lexer._longest_match`. All quantifiers are possessive and every lookahead is bounded, so the time
is linear in the text, whatever the text.

Text that cannot be read becomes one last :attr:`TokenKind.INVALID` token, which the parser raises when it gets
there: a mistake further up is reported first.
"""

from __future__ import annotations

import enum
import re
import string
from sys import intern

from system_manager.language.errors import NixSyntaxError
from system_manager.language.source import Source
from system_manager.language.string_literals import unescape, unescape_character
from system_manager.language.tokens import KEYWORDS, SYMBOLS, IndentedPart, TokenKind, Tokens, TokenValue

# No group is repeated possessively: Python before 3.11.5, which Debian 12 has, goes on where such a group's last try
# gave up. None of these groups can match one text in two ways, so nothing is tried again.
_TRIVIA = r"(?:[ \t\r\n]++|\#[^\r\n]*+|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*/)*"
_PATH_CHARACTER = r"[a-zA-Z0-9._+-]"
_PATH_CHARACTERS = frozenset(string.ascii_letters + string.digits + "._+-")
_URI_CHARACTER = r"[a-zA-Z0-9%/?:@&=+$,._!~*'-]"
# What follows shows, within 100 characters, that this is not the start of a path (or, for words, of a URI).
_NO_PATH = rf"(?!{_PATH_CHARACTER}{{0,99}}+[a-zA-Z0-9._+/-])"
_NO_PATH_OR_URI = rf"(?!{_PATH_CHARACTER}{{0,99}}+(?:[a-zA-Z0-9._+/-]|:{_URI_CHARACTER}))"

_COMMON_TOKEN = re.compile(
    rf"""{_TRIVIA}(?:
        ([a-zA-Z_][a-zA-Z0-9_'-]*+)(?:(?![/.+:])|{_NO_PATH_OR_URI})
        | ([;()\[\],@?:*] | ==?+ | !=?+ | >=?+ | <[=|] | && | \|[|>] | -> | // | \.(?=[a-zA-Z_"$]){_NO_PATH}
          | (?:\+\+?+|[-/<])(?=[ \t\r\n("\[{{]))
        | "([^"\\$\r\0]*+)"
        | (\$?+\{{)
        | (\}})
        | (")
        | ('')
        | ([0-9]++)(?!\.){_NO_PATH}
        | ({_PATH_CHARACTER}{{0,99}}+(?:/{_PATH_CHARACTER}++)+)(?![/$])
        | (\Z)
        |
    )""",
    re.VERBOSE,
)
_WORD, _SYMBOL, _PLAIN_STRING, _OPEN, _CLOSE, _QUOTE, _TWO_QUOTES, _INTEGER, _PLAIN_PATH, _END = range(1, 11)
_LONGEST_COMMON_INTEGER = 18  # any integer of so many digits fits into 64 bits

_TRIVIA_ONLY = re.compile(_TRIVIA)
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*+")
_NUMBER = re.compile(r"(?:[1-9][0-9]*+\.[0-9]*+|0?+\.[0-9]++)(?:[Ee][+-]?[0-9]++)?|[0-9]++")
_PATH_RUN = re.compile(rf"{_PATH_CHARACTER}*+")
_PATH = re.compile(rf"{_PATH_CHARACTER}*+(?:/{_PATH_CHARACTER}++)+/?+")
_HOME_PATH = re.compile(rf"~(?:(?:/{_PATH_CHARACTER}++)+/?+|/(?=\$\{{))")
_SEARCH_PATH = re.compile(rf"<({_PATH_CHARACTER}++(?:/{_PATH_CHARACTER}++)*)>")
_URI = re.compile(rf"[a-zA-Z][a-zA-Z0-9+.-]*+:{_URI_CHARACTER}++")
_PATH_REST = re.compile(rf"{_PATH_CHARACTER}*+(?:/{_PATH_CHARACTER}++)+/?+|{_PATH_CHARACTER}*+/|{_PATH_CHARACTER}++")
_STRING_TEXT = re.compile(r'(?:[^$"\\]++|\$[^{"\\]|\$?\\.)*(?:\$(?="))?', re.DOTALL)
_INDENTED_TEXT = re.compile(r"(?:[^$']++|\$[^{']|'[^'$])+")
_BLANK_FIRST_LINE = re.compile(r" *+\n")

_LARGEST_INTEGER = 2**63 - 1
_SMALLEST_NORMAL_FLOAT = 2.2250738585072014e-308
_LONGEST_EXACT_MANTISSA = 800  # a float has at most 767 significant decimal digits


class _Literal(enum.Enum):
    """What an interpolation returns to when its brace is closed."""

    STRING = enum.auto()
    INDENTED_STRING = enum.auto()
    PATH = enum.auto()


def tokenize(source: Source) -> Tokens:
    """All tokens of the source. Raises nothing: see :attr:`TokenKind.INVALID`."""
    lexer = _Lexer(source)
    try:
        lexer.run()
    except NixSyntaxError as error:
        lexer.emit(TokenKind.INVALID, error, error.position.offset if error.position else 0)
    lexer.emit(TokenKind.END, None, len(source.text))
    return lexer.tokens


class _Lexer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tokens = Tokens([], [], [])
        self._depth = 0  # braces that are open, in the innermost interpolation
        self._interpolated: list[tuple[_Literal, int, int]] = []  # per literal around: its offset, the depth there
        # The last stretch of path characters that was measured: tokens that start in it share its end.
        self._run_end = 0
        self._run_underscore = -1

    def emit(self, kind: TokenKind, value: TokenValue, offset: int) -> None:
        self.tokens.kinds.append(kind)
        self.tokens.values.append(value)
        self.tokens.offsets.append(offset)

    def run(self) -> None:
        position = 0
        while position >= 0:
            position = self._common_tokens(position)

    def _common_tokens(self, position: int) -> int:
        """Emit tokens from here on; returns where to go on after what is not as common, -1 at the program's end."""
        add_kind, add_value = self.tokens.kinds.append, self.tokens.values.append
        add_offset = self.tokens.offsets.append
        keyword, identifier, symbols = KEYWORDS.get, TokenKind.IDENTIFIER, SYMBOLS
        # Each match begins where the one before ends.
        for match in _COMMON_TOKEN.finditer(self.text, position):
            group = match.lastindex
            if group == _WORD:
                word = intern(match[1])
                add_kind(keyword(word, identifier))
                add_value(word)
                add_offset(match.start(1))
            elif group == _SYMBOL:
                add_kind(symbols[match[2]])
                add_value(None)
                add_offset(match.start(2))
            elif group == _OPEN:
                add_kind(symbols[match[4]])
                add_value(None)
                add_offset(match.start(4))
                self._depth += 1
            elif group == _CLOSE:
                add_kind(TokenKind.RIGHT_BRACE)
                add_value(None)
                add_offset(match.start(5))
                if not self._depth and self._interpolated:
                    return self._end_interpolation(match.end())
                self._depth -= 1
            elif group == _PLAIN_STRING:
                add_kind(TokenKind.STRING)
                add_value(match[3])
                add_offset(match.start(3) - 1)
            elif group == _INTEGER and match.end() - match.start(8) <= _LONGEST_COMMON_INTEGER:
                add_kind(TokenKind.INTEGER)
                add_value(int(match[8]))
                add_offset(match.start(8))
            elif group == _PLAIN_PATH:
                add_kind(TokenKind.PATH)
                add_value(match[9])
                add_offset(match.start(9))
            else:
                return self._rare_token(group, match)
        return -1

    def _rare_token(self, group: int | None, match: re.Match[str]) -> int:
        """Emit a token that not only its kind and its text are needed for; returns as :meth:`_common_tokens`."""
        if group is None:
            return self._uncommon_token(match.end())
        if group == _END:
            return -1
        start, end = match.span(group)
        if group == _QUOTE:
            return self._string(end, start, opening=True)
        if group == _TWO_QUOTES:
            blank = _BLANK_FIRST_LINE.match(self.text, end)
            return self._indented_string(blank.end() if blank else end, start, opening=True)
        self._integer(match[group], start)
        return end

    def _end_interpolation(self, position: int) -> int:
        """Go on in the literal whose interpolation has been closed."""
        literal, opened_at, self._depth = self._interpolated.pop()
        if literal is _Literal.STRING:
            return self._string(position, opened_at, opening=False)
        if literal is _Literal.INDENTED_STRING:
            return self._indented_string(position, opened_at, opening=False)
        return self._path_rest(position, opened_at, after_slash=False)

    def _interpolate(self, literal: _Literal, position: int, opened_at: int) -> int:
        self.emit(TokenKind.INTERPOLATION, None, position)
        self._interpolated.append((literal, opened_at, self._depth))
        self._depth = 0
        return position + 2

    # Strings

    def _string(self, position: int, opened_at: int, *, opening: bool) -> int:
        match = _STRING_TEXT.match(self.text, position)
        assert match is not None
        end = match.end()
        self._refuse_null(match[0], opened_at)
        closing = self.text.startswith('"', end)
        if closing and opening:
            self.emit(TokenKind.STRING, unescape(match[0]), opened_at)
            return end + 1
        if opening:
            self.emit(TokenKind.STRING_OPEN, None, opened_at)
        if end > position:
            self.emit(TokenKind.STRING_PART, unescape(match[0]), position)
        if closing:
            self.emit(TokenKind.STRING_CLOSE, None, end)
            return end + 1
        if self.text.startswith("${", end):
            return self._interpolate(_Literal.STRING, end, opened_at)
        raise NixSyntaxError(
            "the string that starts here is not closed", self.source.position(opened_at), hint='close it with "'
        )

    def _indented_string(self, position: int, opened_at: int, *, opening: bool) -> int:
        if opening:
            self.emit(TokenKind.INDENTED_OPEN, None, opened_at)
        text = self.text
        while position < len(text):
            start = position
            match = _INDENTED_TEXT.match(text, position)
            if match is not None:
                part, verbatim, position = match[0], True, match.end()
            elif text.startswith("${", position):
                return self._interpolate(_Literal.INDENTED_STRING, position, opened_at)
            elif text.startswith("''$", position):
                part, verbatim, position = "$", False, position + 3
            elif text.startswith("'''", position):
                part, verbatim, position = "''", False, position + 3
            elif text.startswith("''\\", position) and position + 3 < len(text):
                part, verbatim, position = unescape_character(text[position + 3]), False, position + 4
            elif text.startswith("''", position):
                self.emit(TokenKind.INDENTED_CLOSE, None, position)
                return position + 2
            else:  # a single $ or '
                part, verbatim, position = text[position], False, position + 1
            self._refuse_null(part, opened_at)
            self.emit(TokenKind.INDENTED_PART, IndentedPart(part, verbatim), start)
        raise NixSyntaxError(
            "the indented string that starts here is not closed",
            self.source.position(opened_at),
            hint="close it with ''; inside, write two quotes as '''",
        )

    def _refuse_null(self, text: str, opened_at: int) -> None:
        if "\0" in text:
            raise NixSyntaxError("the string that starts here contains a null byte", self.source.position(opened_at))

    # Everything that the common expression leaves

    def _uncommon_token(self, position: int) -> int:
        """Emit the token after spaces and comments; returns where the next one starts, -1 at the program's end."""
        trivia = _TRIVIA_ONLY.match(self.text, position)
        assert trivia is not None
        position = trivia.end()
        if self.text.startswith("/*", position):
            raise NixSyntaxError(
                "the comment that starts here is not closed", self.source.position(position), hint="close it with */"
            )
        if self.text.startswith("\0", position):
            return -1  # as in Nix, where the generated parser takes it for the end of the input
        return self._longest_match(position)

    def _longest_match(self, position: int) -> int:
        text = self.text
        self._measure_run(position)
        if self._path_follows():
            match = _PATH.match(text, position)
            end = match.end() if match is not None else self._run_end + 1
            return self._path(position, end)
        if (match := _HOME_PATH.match(text, position)) is not None:
            return self._path(position, match.end())
        if (match := _SEARCH_PATH.match(text, position)) is not None:
            self.emit(TokenKind.SEARCH_PATH, match[1], position)
            return match.end()
        if self._uri_may_follow(position) and (match := _URI.match(text, position)) is not None:
            self.emit(TokenKind.URI, match[0], position)
            return match.end()
        if (match := _IDENTIFIER.match(text, position)) is not None:
            word = intern(match[0])
            self.emit(KEYWORDS.get(word, TokenKind.IDENTIFIER), word, position)
            return match.end()
        if (match := _NUMBER.match(text, position)) is not None:
            self._number(match[0], position)
            return match.end()
        for length in (3, 2, 1):
            kind = SYMBOLS.get(text[position : position + length])
            if kind is not None:
                self.emit(kind, None, position)
                return position + length
        self.emit(TokenKind.UNKNOWN, text[position], position)
        return position + 1

    def _measure_run(self, position: int) -> None:
        if position >= self._run_end:
            match = _PATH_RUN.match(self.text, position)
            assert match is not None
            self._run_end = match.end()
            self._run_underscore = self.text.rfind("_", position, self._run_end)

    def _path_follows(self) -> bool:
        """A path starts anywhere in the run if a slash ends it and more of a path follows."""
        text, end = self.text, self._run_end
        if not text.startswith("/", end):
            return False
        return text.startswith("${", end + 1) or text[end + 1 : end + 2] in _PATH_CHARACTERS

    def _uri_may_follow(self, position: int) -> bool:
        """A URI's scheme is a run of path characters without underscore that a colon ends."""
        return self._run_underscore < position and self.text.startswith(":", self._run_end)

    # Numbers

    def _number(self, text: str, position: int) -> None:
        if "." not in text:
            self._integer(text, position)
            return
        value = float(text)
        if value == float("inf") or (value < _SMALLEST_NORMAL_FLOAT and not _is_exact(text, value)):
            raise NixSyntaxError(
                f"the number {_shortened(text)} does not fit into a float", self.source.position(position)
            )
        self.emit(TokenKind.FLOAT, value, position)

    def _integer(self, text: str, position: int) -> None:
        # Python refuses to convert very long digit strings, and 19 significant digits are the most that can fit.
        significant = text.lstrip("0")
        value = int(significant or "0") if len(significant) < 20 else _LARGEST_INTEGER + 1
        if value > _LARGEST_INTEGER:
            raise NixSyntaxError(
                f"the integer {_shortened(text)} does not fit into 64 bits",
                self.source.position(position),
                hint=f"the largest is {_LARGEST_INTEGER}",
            )
        self.emit(TokenKind.INTEGER, value, position)

    # Paths

    def _path(self, start: int, end: int) -> int:
        text = self.text[start:end]
        if not text.endswith("/") and not self.text.startswith("${", end):
            self.emit(TokenKind.PATH, text, start)
            return end
        self.emit(TokenKind.PATH_OPEN, text, start)
        return self._path_rest(end, start, after_slash=text.endswith("/"))

    def _path_rest(self, position: int, opened_at: int, *, after_slash: bool) -> int:
        text = self.text
        while True:
            if text.startswith("${", position):
                return self._interpolate(_Literal.PATH, position, opened_at)
            match = _PATH_REST.match(text, position)
            if match is None:
                break
            self.emit(TokenKind.PATH_PART, match[0], position)
            after_slash = match[0].endswith("/")
            position = match.end()
        if after_slash:
            raise NixSyntaxError(
                "the path that starts here ends with a slash",
                self.source.position(opened_at),
                hint="leave out the last slash",
            )
        self.emit(TokenKind.PATH_CLOSE, None, position)
        return position


def _shortened(number: str) -> str:
    return number if len(number) <= 40 else f"{number[:20]}…"


def _is_exact(text: str, value: float) -> bool:
    """Whether the decimal number is exactly this (tiny) float. C's strtod reports a range error if it is not."""
    mantissa = re.split("[eE]", text)[0]
    if value == 0:
        return not mantissa.strip("0.")
    if len(mantissa) > _LONGEST_EXACT_MANTISSA:
        return False
    from fractions import Fraction  # noqa: PLC0415  (slow to import, and next to no program comes here)

    return Fraction(text) == Fraction(value)
