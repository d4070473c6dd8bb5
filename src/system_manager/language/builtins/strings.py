"""Builtins on strings and on the text of paths.

Lengths, offsets and empty patterns count bytes, as strings of the language are bytes.
"""

from __future__ import annotations

from system_manager.base.type_hints import Pattern
from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.byte_strings import byte_length, byte_view, from_byte_view
from system_manager.language.call_depth import LEVELS, refuse_level
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    NixPath,
    Value,
    coerce_to_string,
    force,
    force_integer,
    force_list,
    force_string,
    join_strings,
    make_string,
    string_context,
    string_text,
    type_of,
)

TABLE = BuiltinTable()


@TABLE.builtin("toString", 1, "The value as a string. `null` and `false` become empty, `true` becomes `1`, the "
               "elements of a list are joined by spaces, a set needs `__toString` or `outPath`. A path keeps its "
               "own text.")  # fmt: skip
def to_string(value: Lazy) -> Value:
    what = "while evaluating the first argument passed to builtins.toString"
    return coerce_to_string(value, copy_to_store=False, coerce_more=True, what=what)


@TABLE.builtin("stringLength", 1, "The number of bytes in the string.")
def string_length(string: Lazy) -> Value:
    if string.__class__ is list and string[0] is None:
        string = string[1]
    if string.__class__ is str and string.isascii():
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        return len(string)
    what = "while evaluating the argument passed to builtins.stringLength"
    return byte_length(string_text(coerce_to_string(string, copy_to_store=True, coerce_more=False, what=what)))


@TABLE.builtin("substring", 3, "The part of a string from a byte offset, counted from 0, of at most the given length. "
               "A negative length reaches to the end; an offset behind the end gives an empty string.")  # fmt: skip
def substring(start: Lazy, length: Lazy, string: Lazy) -> Value:
    if start.__class__ is list:
        start = start[1] if start[0] is None else start[0](start)
    if start.__class__ is not int:
        start = force_integer(
            start, "while evaluating the first argument (the start offset) passed to builtins.substring"
        )
    if start < 0:
        raise EvaluationError("negative start position in 'substring'")
    if length.__class__ is list:
        length = length[1] if length[0] is None else length[0](length)
    if length.__class__ is not int:
        what = "while evaluating the second argument (the substring length) passed to builtins.substring"
        length = force_integer(length, what)
    if string.__class__ is list and string[0] is None:
        string = string[1]  # what is not evaluated yet is, within the conversion to a string, one level deeper
    if string.__class__ is str and string.isascii():
        if LEVELS[0] > LEVELS[1]:
            refuse_level()
        return string[start:] if length < 0 else string[start : start + length]
    what = "while evaluating the third argument (the string) passed to builtins.substring"
    string = coerce_to_string(string, copy_to_store=True, coerce_more=False, what=what)
    text = string_text(string)
    end = None if length < 0 else start + length
    part = text[start:end] if text.isascii() else from_byte_view(byte_view(text)[start:end])
    return make_string(part, string_context(string))


@TABLE.builtin("concatStringsSep", 2, "The strings of a list in one, with the separator between them.")
def concatenate_strings(separator: Lazy, strings: Lazy) -> Value:
    what = "while evaluating the first argument (the separator string) passed to builtins.concatStringsSep"
    separator = force_string(separator, what)
    what = "while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep"
    strings = force_list(strings, what)
    what = "while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep"
    parts = [coerce_to_string(item, copy_to_store=True, coerce_more=False, what=what) for item in strings]
    return join_strings(separator, parts)


@TABLE.builtin("replaceStrings", 3, "The string with every occurrence of an element of the first list replaced by the "
               "element at the same place of the second. Where several fit the first in the list is taken; an empty "
               "one fits before every byte and at the end. A replacement is evaluated when it is used.")  # fmt: skip
def replace_strings(patterns: Lazy, replacements: Lazy, string: Lazy) -> Value:
    patterns = force_list(patterns, "while evaluating the first argument passed to builtins.replaceStrings")
    replacements = force_list(replacements, "while evaluating the second argument passed to builtins.replaceStrings")
    if len(patterns) != len(replacements):
        raise EvaluationError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
    what = "while evaluating one of the strings to replace passed to builtins.replaceStrings"
    views = tuple([byte_view(string_text(force_string(pattern, what))) for pattern in patterns])
    string = force_string(string, "while evaluating the third argument passed to builtins.replaceStrings")
    return _Replacement(views, replacements).apply(string)


class _Replacement:
    """Replacing in one string. Everything is done on byte views."""

    def __init__(self, patterns: tuple[str, ...], replacements: tuple[Lazy, ...]) -> None:
        self._replacements = replacements
        self._texts: dict[int, str] = {}
        self._context: frozenset[object] = frozenset()
        # An empty pattern fits everywhere and hides whatever comes after it.
        self._empty = patterns.index("") if "" in patterns else None
        self._patterns = patterns[: self._empty]

    def apply(self, string: Value) -> Value:
        view = byte_view(string_text(string))
        self._context = string_context(string)
        if self._empty is not None:
            parts = self._parts(view)
        elif self._patterns:
            parts = self._parts_without_empty(view)
        else:
            return string
        return make_string(from_byte_view("".join(parts)), self._context)

    def _parts_without_empty(self, view: str) -> list[str]:
        occurring = [pattern for pattern in dict.fromkeys(self._patterns) if pattern in view]
        if not occurring:
            return [view]
        if len(occurring) == 1:
            return [view.replace(occurring[0], self._text(self._patterns.index(occurring[0])))]
        parts: list[str] = []
        done = 0
        scanner, indices = _scanner(self._patterns)
        for found in scanner.finditer(view):
            parts += (view[done : found.start()], self._text(indices[found[0]]))
            done = found.end()
        parts.append(view[done:])
        return parts

    def _parts(self, view: str) -> list[str]:
        assert self._empty is not None
        parts: list[str] = []
        scanner, indices = _scanner(self._patterns)
        position = 0
        while position < len(view):
            found = scanner.match(view, position) if self._patterns else None
            if found is not None:
                parts.append(self._text(indices[found[0]]))
                position = found.end()
                continue
            parts += (self._text(self._empty), view[position])
            position += 1
        parts.append(self._text(self._empty))
        return parts

    def _text(self, index: int) -> str:
        text = self._texts.get(index)
        if text is None:
            what = "while evaluating one of the replacement strings passed to builtins.replaceStrings"
            replacement = force_string(self._replacements[index], what)
            self._context |= string_context(replacement)
            text = self._texts[index] = byte_view(string_text(replacement))
        return text


_SCANNERS_KEPT = 500
_scanners: dict[tuple[str, ...], tuple[Pattern[str], dict[str, int]]] = {}


def _scanner(patterns: tuple[str, ...]) -> tuple[Pattern[str], dict[str, int]]:
    """An expression that finds the first pattern that fits, and the index of each pattern."""
    scanner = _scanners.get(patterns)
    if scanner is None:
        if len(_scanners) >= _SCANNERS_KEPT:
            _scanners.clear()
        import re  # it takes longer to load than all built-ins together

        indices: dict[str, int] = {}
        for index, pattern in enumerate(patterns):
            indices.setdefault(pattern, index)
        expression = re.compile("|".join([re.escape(pattern) for pattern in patterns]))
        scanner = _scanners[patterns] = (expression, indices)
    return scanner


@TABLE.builtin("baseNameOf", 1, "What comes after the last slash of a path or string; one slash at the end is not "
               "counted.")  # fmt: skip
def base_name_of(path: Lazy) -> Value:
    what = "while evaluating the first argument passed to builtins.baseNameOf"
    string = coerce_to_string(path, copy_to_store=False, coerce_more=False, what=what)
    text = string_text(string)
    if text.endswith("/") and len(text) > 1:
        text = text[:-1]
    return make_string(text[text.rfind("/") + 1 :], string_context(string))


@TABLE.builtin("dirOf", 1, "What comes before the last slash of a path or string: a path for a path, a string for a "
               "string, `.` when there is no slash.")  # fmt: skip
def directory_of(path: Lazy) -> Value:
    path = force(path)
    if type_of(path) == "path":
        return NixPath(path.path[: path.path.rfind("/")] or "/")
    what = "while evaluating the first argument passed to 'builtins.dirOf'"
    string = coerce_to_string(path, copy_to_store=False, coerce_more=False, what=what)
    text = string_text(string)
    slash = text.rfind("/")
    directory = "." if slash < 0 else text[:slash] or "/"
    return make_string(directory, string_context(string))
