"""Values to JSON, exactly as C++ Nix prints it: no spaces, names sorted, characters outside ASCII as they are."""

from __future__ import annotations

import math
import re

from system_manager.language.describe import quote_attribute_name
from system_manager.language.errors import EvaluationError, EvaluationTypeError
from system_manager.language.formats.float_digits import decimal_digits
from system_manager.language.formats.nesting import deeper
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    describe_value,
    force,
    forced_value,
    sorted_names,
    string_context,
    string_text,
    type_name,
    type_of,
)

_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Decimal exponents from which a float is written with an exponent.
_MIN_FIXED, _MAX_FIXED = -4, 15


def write_json(value: Lazy, *, strict: bool, copy_to_store: bool) -> tuple[str, frozenset[object]]:
    """The value as JSON, and the context of all strings in it.

    :param strict: evaluate what is not evaluated yet; otherwise it is an error.
    :param copy_to_store: paths are copied to the store, else they are written as they are.
    :raises EvaluationTypeError: for functions.
    """
    writer = _Writer(strict, copy_to_store)
    writer.write(value)
    return "".join(writer.parts), frozenset(writer.context)


def json_string(text: str) -> str:
    """A string literal of JSON. Raises :class:`EvaluationError` for bytes that are not UTF-8."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            raise EvaluationError(f"JSON serialization error: invalid UTF-8 byte 0x{byte:02X} in a string") from None
    return f'"{_NEEDS_ESCAPE.sub(_escaped, text) if _NEEDS_ESCAPE.search(text) else text}"'


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"


def json_float(number: float) -> str:
    """A number of JSON that reads back as the same float; ``null`` for infinity and NaN."""
    if math.isinf(number) or math.isnan(number):
        return "null"
    sign = "-" if math.copysign(1, number) < 0 else ""
    if number == 0:
        return sign + "0.0"
    digits, exponent = decimal_digits(abs(number))
    point = len(digits) + exponent
    if 0 < point <= _MAX_FIXED:
        padded = digits.ljust(point, "0")
        return f"{sign}{padded[:point]}.{padded[point:] or '0'}"
    if _MIN_FIXED < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+03d}"


class _Writer:
    """Collects the text in pieces. Recursion is from Python to Python, which uses no C stack."""

    def __init__(self, strict: bool, copy_to_store: bool) -> None:
        self._strict = strict
        self._copy_to_store = copy_to_store
        self._nesting = 0
        self.parts: list[str] = []
        self.context: set[object] = set()

    def write(self, value: Lazy) -> None:
        if value.__class__ is list:
            # What is not evaluated stays a thunk, which is an error below.
            value = force(value) if self._strict or forced_value(value)[0] else value
        if value.__class__ is str:
            self.parts.append(json_string(value))
            return
        kind = type_of(value)
        if kind == "string":
            self._string(value)
        elif kind in ("set", "list"):
            self._nesting = deeper(self._nesting)
            if kind == "set":
                self._set(value)
            else:
                self._list(value)
            self._nesting -= 1
        elif kind == "path":
            self._string(coerce_to_string(value, copy_to_store=self._copy_to_store, coerce_more=False))
        elif kind == "float":
            self.parts.append(json_float(value))
        elif kind == "int":
            self.parts.append(str(value))
        elif kind == "bool":
            self.parts.append("true" if value else "false")
        elif kind == "null":
            self.parts.append("null")
        else:
            raise EvaluationTypeError(f"cannot convert {type_name(value)} to JSON: {describe_value(value)}")

    def _string(self, string: Value) -> None:
        self.context |= string_context(string)
        self.parts.append(json_string(string_text(string)))

    def _set(self, attributes: Value) -> None:
        if "__toString" in attributes:
            # A path that comes from there is not copied.
            self._string(coerce_to_string(attributes, copy_to_store=False, coerce_more=False))
            return
        if "outPath" in attributes:
            self.write(attributes["outPath"])
            return
        parts = self.parts
        separator = "{"
        name = ""
        try:
            for name in sorted_names(attributes):
                parts.append(f"{separator}{json_string(name)}:")
                separator = ","
                self.write(attributes[name])
        except EvaluationError as error:
            error.add_context(f"while evaluating attribute '{quote_attribute_name(name)}'")
            raise
        parts.append("}" if attributes else "{}")

    def _list(self, items: Value) -> None:
        parts = self.parts
        separator = "["
        index = -1
        try:
            for item in items:
                index += 1
                parts.append(separator)
                separator = ","
                self.write(item)
        except EvaluationError as error:
            error.add_context(f"while evaluating list element at index {index}")
            raise
        parts.append("]" if items else "[]")
