"""Values to JSON, exactly as C++ Nix prints it: no spaces, names sorted, characters outside ASCII as they are."""

from __future__ import annotations

import math

from system_manager.language.call_depth import LEVELS, enter_level
from system_manager.language.describe import quote_attribute_name
from system_manager.language.errors import EvaluationError, EvaluationTypeError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    StringWithContext,
    Value,
    coerce_to_string,
    describe_value,
    force,
    forced_value,
    sorted_names,
    string_context,
    string_text,
    type_name,
)

try:
    # The module json has the same function, and takes 2 ms to load.
    from _json import encode_basestring as _quote
except ImportError:
    from json.encoder import encode_basestring as _quote

# Decimal exponents from which a float is written with an exponent.
_MIN_FIXED, _MAX_FIXED = -4, 15

# Sixteenths up to here have at most 15 digits, all of them exact. Of all decimals that read back as such a float only
# one is that short: every algorithm that stops at the first that does finds the same digits.
_SHORT_LIMIT = 1e11

# A set with more attributes is rarely followed by another one with the same names.
_MAX_REMEMBERED_NAMES = 32


def write_json(value: Lazy, *, strict: bool, copy_to_store: bool) -> tuple[str, frozenset[object]]:
    """The value as JSON, and the context of all strings in it.

    :param strict: evaluate what is not evaluated yet; otherwise it is an error.
    :param copy_to_store: paths are copied to the store, else they are written as they are.
    :raises EvaluationTypeError: for functions.
    """
    writer = _Writer(strict, copy_to_store)
    enter_level()
    writer.write(value)
    LEVELS[0] -= 1
    return "".join(writer.parts), frozenset(writer.context)


def json_string(text: str) -> str:
    """A string literal of JSON. Raises :class:`EvaluationError` for bytes that are not UTF-8."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            raise EvaluationError(f"JSON serialization error: invalid UTF-8 byte 0x{byte:02X} in a string") from None
    return _quote(text)


def json_float(number: float) -> str:
    """A number of JSON that reads back as the same float; ``null`` for infinity and NaN."""
    if -_SHORT_LIMIT < number < _SHORT_LIMIT and (number * 16).is_integer():
        return repr(number)
    if math.isinf(number) or math.isnan(number):
        return "null"
    sign = "-" if math.copysign(1, number) < 0 else ""
    if number == 0:
        return sign + "0.0"
    from system_manager.language.formats.float_digits import decimal_digits  # noqa: PLC0415 -- rarely needed

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
        self._members: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self.parts: list[str] = []
        self.context: set[object] = set()

    def write(self, value: Lazy) -> None:
        """Write a value, in a level that is open already."""
        # In the order of how often they occur.
        if value.__class__ is list:
            # What is not evaluated stays a thunk, which is an error below.
            value = force(value) if self._strict or forced_value(value)[0] else value
        kind = value.__class__
        if kind is str:
            self.parts.append(_quote(value) if value.isascii() else json_string(value))
        elif kind is int:
            self.parts.append(str(value))
        elif kind is dict:
            self._set(value)
        elif kind is tuple:
            self._list(value)
        elif value is True or value is False:
            self.parts.append("true" if value else "false")
        elif value is None:
            self.parts.append("null")
        elif kind is float:
            self.parts.append(json_float(value))
        elif kind is StringWithContext:
            self._string(value)
        elif kind is NixPath:
            self._string(coerce_to_string(value, copy_to_store=self._copy_to_store, coerce_more=False))
        else:
            raise EvaluationTypeError(f"cannot convert {type_name(value)} to JSON: {describe_value(value)}")

    def _string(self, string: Value) -> None:
        self.context |= string_context(string)
        self.parts.append(json_string(string_text(string)))

    def _set(self, attributes: dict[str, Lazy]) -> None:
        if "__toString" in attributes:
            # A path that comes from there is not copied.
            self._string(coerce_to_string(attributes, copy_to_store=False, coerce_more=False))
            return
        if "outPath" in attributes:
            enter_level()
            self.write(attributes["outPath"])
            LEVELS[0] -= 1
            return
        if not attributes:
            self.parts.append("{}")
            return
        append, write = self.parts.append, self.write
        enter_level()
        name = ""
        try:
            for name, text in self._members_of(attributes):
                append(text)
                write(attributes[name])
        except EvaluationError as error:
            error.add_context(f"while evaluating attribute '{quote_attribute_name(name)}'")
            raise
        LEVELS[0] -= 1
        append("}")

    def _members_of(self, attributes: dict[str, Lazy]) -> list[tuple[str, str]]:
        """The names in order, each with the text in front of its value."""
        names = tuple(attributes)
        members = self._members.get(names)
        if members is None:
            members = [(name, f",{json_string(name)}:") for name in sorted_names(attributes)]
            members[0] = (members[0][0], "{" + members[0][1][1:])
            if len(names) <= _MAX_REMEMBERED_NAMES:
                self._members[names] = members
        return members

    def _list(self, items: tuple[Lazy, ...]) -> None:
        if not items:
            self.parts.append("[]")
            return
        append, write = self.parts.append, self.write
        enter_level()
        separator = "["
        index = -1
        try:
            for item in items:
                index += 1
                append(separator)
                separator = ","
                write(item)
        except EvaluationError as error:
            error.add_context(f"while evaluating list element at index {index}")
            raise
        LEVELS[0] -= 1
        append("]")
