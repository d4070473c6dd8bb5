"""What the text of a string literal stands for: escapes, and the indentation of indented strings."""

from __future__ import annotations

import re

from system_manager.base.type_hints import Sequence
from system_manager.language.syntax import Expression
from system_manager.language.tokens import IndentedPart

_ESCAPE_OR_CARRIAGE_RETURN = re.compile(r"\\(.)|\r\n?", re.DOTALL)
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_NO_LINE = 1_000_000  # larger than any indentation; the limit is Nix's own


def unescape(text: str) -> str:
    """The text of an ordinary string literal: escapes resolved, line ends turned into ``\\n``."""
    if "\\" in text or "\r" in text:
        return _ESCAPE_OR_CARRIAGE_RETURN.sub(_replacement, text)
    return text


def _replacement(match: re.Match[str]) -> str:
    escaped = match[1]
    if escaped is None:
        return "\n"
    return _CONTROL.get(escaped, escaped)


def unescape_character(character: str) -> str:
    """What ``''\\`` and a character stand for in an indented string."""
    return _CONTROL.get(character, character)


def strip_indentation(parts: Sequence[IndentedPart | Expression]) -> tuple[str | Expression, ...]:
    """The parts of an indented string without the indentation that all its lines share.

    Lines of spaces only do not count, the last one excepted if something follows the spaces. Tabs and carriage
    returns are no indentation. Empty parts are left out; adjacent texts stay apart, as in Nix.
    """
    if len(parts) == 1 and isinstance(parts[0], IndentedPart) and "\n" not in parts[0].text:
        text = parts[0].text.lstrip(" ") if parts[0].verbatim else parts[0].text
        return (text,) if text else ()
    width = _shared_indentation(parts)
    stripped: list[str | Expression] = []
    at_line_start = True
    dropped = 0
    last = len(parts) - 1
    for index, part in enumerate(parts):
        if isinstance(part, Expression):
            at_line_start = False
            dropped = 0
            stripped.append(part)
            continue
        text, at_line_start, dropped = _strip_part(part.text, width, at_line_start, dropped)
        if index == last:
            text = _without_blank_last_line(text)
        if text:
            stripped.append(text)
    return tuple(stripped)


def _shared_indentation(parts: Sequence[IndentedPart | Expression]) -> int:
    """The least number of spaces before the first other character of a line."""
    least = _NO_LINE
    at_line_start = True
    current = 0
    for part in parts:
        if isinstance(part, Expression) or not part.verbatim:
            if at_line_start:
                at_line_start = False
                least = min(least, current)
            continue
        lines = part.text.split("\n")
        for number, line in enumerate(lines):
            if number:
                at_line_start = True
                current = 0
            if at_line_start:
                rest = line.lstrip(" ")
                current += len(line) - len(rest)
                if rest:
                    at_line_start = False
                    least = min(least, current)
    return least


def _strip_part(text: str, width: int, at_line_start: bool, dropped: int) -> tuple[str, bool, int]:
    """One part without indentation, and the state at its end: whether only spaces were seen in the line, how many."""
    lines = text.split("\n")
    kept = []
    for number, line in enumerate(lines):
        if number:
            at_line_start = True
            dropped = 0
        if not at_line_start:
            kept.append(line)
            continue
        rest = line.lstrip(" ")
        spaces = len(line) - len(rest)
        surplus = max(0, dropped + spaces - max(width, dropped))
        kept.append(" " * surplus + rest)
        dropped += spaces
        if rest:
            at_line_start = False
            dropped = 0
    return "\n".join(kept), at_line_start, dropped


def _without_blank_last_line(text: str) -> str:
    line_end = text.rfind("\n")
    if line_end >= 0 and not text[line_end + 1 :].strip(" "):
        return text[: line_end + 1]
    return text
