"""Literals that Nix's settings ``lint-url-literals``, ``lint-short-path-literals`` and others are about.

The parser does not know them: who asks for one of them has the program read a second time.
"""

from __future__ import annotations

from system_manager.base.enumerations import Enum
from system_manager.base.records import record
from system_manager.base.type_hints import Iterator
from system_manager.language.source import Position, Source


class Severity(Enum):
    """What becomes of a literal that a setting is about."""

    IGNORE = "ignore"
    WARN = "warn"
    FATAL = "fatal"


@record(frozen=True)
class Lints:
    """The three settings."""

    urls: Severity = Severity.IGNORE
    short_paths: Severity = Severity.IGNORE
    absolute_paths: Severity = Severity.IGNORE

    @property
    def active(self) -> bool:
        """Whether anything is to be looked for."""
        return self != _NONE


_NONE = Lints()


@record(frozen=True)
class Finding:
    """A literal. ``what`` says what is wrong with it."""

    what: str
    position: Position
    severity: Severity


def find_literals(source: Source, lints: Lints) -> Iterator[Finding]:
    """What the settings are about in this program, in its order."""
    # Late: hardly anybody asks, and everybody has the settings.
    from system_manager.language.lexer import tokenize  # noqa: PLC0415
    from system_manager.language.tokens import TokenKind  # noqa: PLC0415

    tokens = tokenize(source)
    for kind, value, offset in zip(tokens.kinds, tokens.values, tokens.offsets, strict=True):
        if not isinstance(value, str):
            continue
        if kind is TokenKind.URI:
            found = _url(value, lints.urls)
        elif kind is TokenKind.PATH or kind is TokenKind.PATH_OPEN:
            found = _path(value, lints)
        else:
            continue
        what, severity = found
        if severity is not Severity.IGNORE:
            yield Finding(what, source.position(offset), severity)


def _url(text: str, severity: Severity) -> tuple[str, Severity]:
    judged = "disallowed" if severity is Severity.FATAL else "discouraged"
    return f'URL literals are {judged}. Consider using a string literal "{text}" instead (lint-url-literals)', severity


def _path(text: str, lints: Lints) -> tuple[str, Severity]:
    if text.startswith(("/", "~")):
        kind = "absolute" if text.startswith("/") else "home"
        what = (
            f"{kind} path literals are not portable. Consider replacing path literal '{text}' by a string, "
            "relative path, or parameter (lint-absolute-path-literals)"
        )
        return what, lints.absolute_paths
    if text.startswith(("./", "../")):
        return "", Severity.IGNORE
    what = (
        f"relative path literal '{text}' should be prefixed with '.' for clarity: './{text}' (lint-short-path-literals)"
    )
    return what, lints.short_paths
