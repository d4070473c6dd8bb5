"""JSON to values, by the rules of Nix.

Numbers without fraction and exponent are integers when they fit in 64 bits, floats when they do not even fit in the
unsigned range. Of an attribute that occurs twice the last value counts. There is no limit on nesting.
"""

from __future__ import annotations

import re

from system_manager.base.type_hints import Any
from system_manager.language.values import MAX_INTEGER, MIN_INTEGER, Value

_BLANKS = re.compile(r"[ \t\n\r]*+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*+')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_LITERALS: tuple[tuple[str, Value], ...] = (("true", True), ("false", False), ("null", None))
_UNSIGNED_LIMIT = 2**64
# Longer runs of digits are certainly no integers, and slow to convert.
_INTEGER_DIGITS = 20
# Containers in a text that is certainly not nested too deeply for C.
_SHALLOW = 20_000


class JsonError(ValueError):
    """The text is not JSON, or holds what the language cannot represent."""


def read_json(text: str) -> Value:
    """The value of a JSON text.

    :raises JsonError: with the place and what is wrong there.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _error(text, error.start, "invalid UTF-8") from None
    if text.count("[") + text.count("{") <= _SHALLOW and "\\u" not in text:
        try:
            return _read_fast(text)
        except (ValueError, RecursionError):
            pass  # found again by the reader that knows where it is, and recurses nowhere
    return _Reader(text.removeprefix("\ufeff")).read()


def _read_fast(text: str) -> Value:
    """The value, by Python's own reader, which recurses in C and lets halves of surrogate pairs pass."""
    import json  # noqa: PLC0415 -- not every program needs it

    # Integers are checked afterwards, since C reads them faster without calling back.
    read: Any = json.loads(text, parse_float=_float, parse_constant=_refuse)
    if read.__class__ is int:
        _check(read)
        return read
    return _as_list(read) if read.__class__ is list else _as_set(read) if read.__class__ is dict else read


def _as_set(members: dict[str, Any]) -> Value:
    """What was read, in place, with lists as the language has them."""
    for name, member in members.items():
        kind = member.__class__
        if kind is str:
            continue
        if kind is list:
            members[name] = _as_list(member)
        elif kind is dict:
            _as_set(member)
        elif kind is int:
            _check(member)
    return members


def _as_list(members: list[Any]) -> Value:
    for index, member in enumerate(members):
        kind = member.__class__
        if kind is str:
            continue
        if kind is list:
            members[index] = _as_list(member)
        elif kind is dict:
            _as_set(member)
        elif kind is int:
            _check(member)
    return tuple(members)


def _check(number: int) -> None:
    if not MIN_INTEGER <= number <= MAX_INTEGER:
        raise ValueError(number)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _refuse(text: str) -> Value:
    raise ValueError(text)


def _error(text: str, offset: int, what: str) -> JsonError:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return JsonError(f"line {line}, column {column}: {what}")


class _Reader:
    """Reads with a stack of its own, so that nesting costs no recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0

    def read(self) -> Value:
        # Each open container, with the name that waits for its value in an object.
        stack: list[tuple[Any, str]] = []
        while True:
            value, opened = self._value()
            if opened:
                if not self._closes(value):
                    stack.append((value, self._first_name(value)))
                    continue
                value = _finished(value)
            while stack:
                container, name = stack.pop()
                if container.__class__ is list:
                    container.append(value)
                else:
                    container[name] = value
                if self._continues(container):
                    stack.append((container, self._name() if container.__class__ is dict else ""))
                    break
                value = _finished(container)
            else:
                self._skip()
                if self._offset < len(self._text):
                    raise self._unexpected("the end of the text")
                return value

    def _skip(self) -> str:
        """Skip blanks; the character that follows, empty at the end."""
        blanks = _BLANKS.match(self._text, self._offset)
        if blanks is not None:
            self._offset = blanks.end()
        return self._text[self._offset : self._offset + 1]

    def _unexpected(self, expected: str) -> JsonError:
        character = self._text[self._offset : self._offset + 1]
        found = f"'{character}'" if character.isprintable() and character else f"U+{ord(character or chr(0)):04X}"
        return _error(self._text, self._offset, f"expected {expected}, found {found if character else 'the end'}")

    def _value(self) -> tuple[Value, bool]:
        """The next value; with True, a container that has just been opened."""
        character = self._skip()
        if character == '"':
            return self._string(), False
        if character == "{":
            self._offset += 1
            return {}, True
        if character == "[":
            self._offset += 1
            return [], True
        for literal, value in _LITERALS:
            if self._text.startswith(literal, self._offset):
                self._offset += len(literal)
                return value, False
        return self._number(), False

    def _closes(self, container: Any) -> bool:
        if self._skip() != ("]" if container.__class__ is list else "}"):
            return False
        self._offset += 1
        return True

    def _first_name(self, container: Any) -> str:
        return self._name() if container.__class__ is dict else ""

    def _continues(self, container: Any) -> bool:
        """After a value: whether another one follows."""
        character = self._skip()
        end = "]" if container.__class__ is list else "}"
        if character not in (",", end):
            raise self._unexpected(f"',' or '{end}'")
        self._offset += 1
        return character == ","

    def _name(self) -> str:
        if self._skip() != '"':
            raise self._unexpected("a string as the name of an attribute")
        name = self._string()
        if self._skip() != ":":
            raise self._unexpected("':'")
        self._offset += 1
        return name

    def _number(self) -> int | float:
        found = _NUMBER.match(self._text, self._offset)
        if found is None:
            raise self._unexpected("a value")
        start, self._offset = self._offset, found.end()
        following = self._text[self._offset : self._offset + 1]
        if following and following in ".eE":
            self._offset += 1
            raise self._unexpected("a digit")
        text = found[0]
        if found[1] is None and found[2] is None and len(text) <= _INTEGER_DIGITS:
            number = int(text)
            if MIN_INTEGER <= number <= MAX_INTEGER:
                return number
            if MAX_INTEGER < number < _UNSIGNED_LIMIT:
                raise _error(self._text, start, f"the number {text} does not fit in 64 bits")
        result = float(text)
        if result in (float("inf"), float("-inf")):
            raise _error(self._text, start, f"the number {text} is too large")
        return result

    def _string(self) -> str:
        start = self._offset
        self._offset += 1
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self._text, self._offset)
            if plain is not None:
                parts.append(plain[0])
                self._offset = plain.end()
            character = self._text[self._offset : self._offset + 1]
            if character == '"':
                self._offset += 1
                return "".join(parts)
            if character != "\\":
                if not character:
                    raise _error(self._text, start, "this string is not closed")
                raise self._unexpected("an escape sequence instead of a control character")
            parts.append(self._escape())

    def _escape(self) -> str:
        character = self._text[self._offset + 1 : self._offset + 2]
        if character != "u":
            if character not in _ESCAPES or not character:
                raise _error(self._text, self._offset, "unknown escape sequence")
            self._offset += 2
            return _ESCAPES[character]
        start = self._offset
        code = self._hexadecimal()
        if 0xD800 <= code < 0xDC00 and self._text.startswith("\\u", self._offset):
            low = self._hexadecimal()
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))
        if 0xD800 <= code < 0xE000:
            raise _error(self._text, start, "half of a surrogate pair")
        if code == 0:
            raise _error(self._text, start, "a string cannot contain null bytes")
        return chr(code)

    def _hexadecimal(self) -> int:
        digits = _HEX.match(self._text, self._offset + 2)
        if digits is None:
            raise _error(self._text, self._offset, "\\u needs four hexadecimal digits")
        self._offset = digits.end()
        return int(digits[0], 16)


def _finished(container: Any) -> Value:
    return tuple(container) if container.__class__ is list else container
