"""TOML 1.0 to values. The parser is Python's; what Nix refuses is refused here."""

from __future__ import annotations

import math
import tomllib
from datetime import date, datetime, time

from system_manager.base.type_hints import Any
from system_manager.language.byte_strings import byte_view
from system_manager.language.values import MAX_INTEGER, MIN_INTEGER, Value


class TomlError(ValueError):
    """The text is not TOML, or holds what the language cannot represent."""


def read_toml(text: str) -> Value:
    """The value of a TOML text, always a set.

    :raises TomlError: with the place and what is wrong there.
    """
    if not text.isascii() and not _is_unicode(text):
        raise TomlError("the text is not UTF-8")
    try:
        return _converted(tomllib.loads(text.removeprefix("\ufeff"), parse_float=_parse_float))
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)) from None
    except (RecursionError, ValueError) as error:
        if isinstance(error, TomlError):
            raise
        raise TomlError("values are nested too deeply" if isinstance(error, RecursionError) else str(error)) from None


def _is_unicode(text: str) -> bool:
    try:
        byte_view(text).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number) and "inf" not in text:
        raise TomlError(f"the number {text} is too large")
    return number


def _converted(value: Any) -> Value:
    if isinstance(value, dict):
        return {_without_null(name): _converted(member) for name, member in value.items()}
    if isinstance(value, list):
        return tuple([_converted(member) for member in value])
    if isinstance(value, str):
        return _without_null(value)
    if isinstance(value, datetime | date | time):
        raise TomlError("dates and times are not supported")
    if isinstance(value, int) and not isinstance(value, bool) and not MIN_INTEGER <= value <= MAX_INTEGER:
        raise TomlError(f"the number {value} does not fit in 64 bits")
    return value


def _without_null(text: str) -> str:
    if "\0" in text:
        raise TomlError("a string cannot contain null bytes")
    return text
