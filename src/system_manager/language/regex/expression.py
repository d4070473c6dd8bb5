"""Compiled expressions, and the two things that are done with them: ``match`` and ``split``."""

from __future__ import annotations

from system_manager.language.byte_strings import byte_view, from_byte_view
from system_manager.language.regex.automaton import Automaton, Matcher, Spans, build_automaton
from system_manager.language.regex.syntax import parse_regex
from system_manager.language.regex.translation import translate

Groups = tuple[str | None, ...]
"""What the groups of a match have matched, None for those that took no part in it."""


class Expression:
    """A POSIX extended regular expression.

    Strings that are not ASCII are matched byte by byte in UTF-8, as Nix strings are bytes.
    """

    def __init__(self, text: str) -> None:
        """Compile.

        :raises InvalidRegexError: when the text is no expression.
        :raises RegexSpaceError: when it would need too much memory.
        """
        self._pattern = parse_regex(byte_view(text))
        self._translation = translate(self._pattern)
        self._automaton: Automaton | None = None

    def match(self, subject: str) -> Groups | None:
        """The groups when the whole subject matches.

        :raises RegexSpaceError: when matching would need too much memory.
        """
        text = byte_view(subject)
        translation = self._translation
        if translation is not None and translation.affordable(len(text), search=False):
            found = translation.expression.fullmatch(text)
            if found is None:
                return None
            groups = found.groups()
        else:
            spans = Matcher(self._built(), text, whole=True).match_at(0)
            if spans is None:
                return None
            groups = _slices(text, spans)
        return groups if text is subject else _from_bytes(groups)

    def split(self, subject: str) -> list[str | Groups]:
        """The parts that do not match, and between them the groups of the matches.

        :raises RegexSpaceError: when matching would need too much memory.
        """
        text = byte_view(subject)
        pieces: list[str | Groups] = []
        position = 0
        translation = self._translation
        if translation is not None and translation.searchable and translation.affordable(len(text), search=True):
            for found in translation.expression.finditer(text):
                pieces += (text[position : found.start()], found.groups())
                position = found.end()
        else:
            for spans in Matcher(self._built(), text, whole=False).matches():
                start, end = spans[0] or (0, 0)
                pieces += (text[position:start], _slices(text, spans))
                position = end
        pieces.append(text[position:])
        if text is not subject:
            return [from_byte_view(piece) if isinstance(piece, str) else _from_bytes(piece) for piece in pieces]
        return pieces

    def _built(self) -> Automaton:
        if self._automaton is None:
            self._automaton = build_automaton(self._pattern)
        return self._automaton


def _from_bytes(groups: Groups) -> Groups:
    return tuple([None if group is None else from_byte_view(group) for group in groups])


def _slices(text: str, spans: Spans) -> Groups:
    return tuple([None if span is None else text[span[0] : span[1]] for span in spans[1:]])
