"""What somebody means by the text that they typed: a command, bindings or an expression.

A text that is a beginning only raises :class:`IncompleteInputError`; more lines are to be read then.
"""

from __future__ import annotations

import re

from system_manager.base.records import record
from system_manager.base.type_hints import TypeAlias
from system_manager.language import syntax
from system_manager.language.errors import EvaluationError, NixSyntaxError
from system_manager.language.lexer import tokenize
from system_manager.language.parser import parse
from system_manager.language.source import Position, Source
from system_manager.language.tokens import TokenKind

NAME = "«string»"
"""What messages call a text that was typed, as in Nix."""

# On a line of their own: the last one typed may end in a comment.
_CLOSINGS = ("\n}", "\n;}")
_COMMAND = re.compile(r"(:\S*)\s*(.*)", re.DOTALL)


class IncompleteInputError(EvaluationError):
    """More has to follow before the text means anything; ``__cause__`` says why."""


class BindingsSource(Source):
    """A program that is a set: the bindings that were typed, put in braces.

    Places in it are shown as places of what was typed.

    :param typed: the text without the braces.
    :param end: what follows it: the closing brace, and before it a semicolon where that is missing.
    """

    __slots__ = ("typed",)
    typed: Source

    def __init__(self, typed: Source, end: str) -> None:
        super().__init__(f"{{{typed.text}{end}", typed.name, typed.directory)
        object.__setattr__(self, "typed", typed)  # a source is frozen

    def position(self, offset: int) -> Position:
        """The place in what was typed."""
        return self.typed.position(min(max(offset - 1, 0), len(self.typed.text)))


@record(frozen=True)
class Command:
    """``:name argument``; the name has its colon, the argument no space around it."""

    name: str
    argument: str


@record(frozen=True)
class Bindings:
    """``x = 1`` or ``inherit (set) x``, any number of them; the program is the set that they make."""

    source: BindingsSource


@record(frozen=True)
class Program:
    """An expression."""

    source: Source


Input: TypeAlias = Command | Bindings | Program | None


def understand(text: str, directory: str) -> Input:
    """What a text means; None if there is nothing but space and comments.

    :param directory: where relative paths in it start.
    :raises IncompleteInputError: if more has to follow.
    :raises NixSyntaxError: if it means nothing, whatever follows.
    """
    text = text.strip()
    if text.startswith(":"):
        match = _COMMAND.fullmatch(text)
        assert match is not None
        return Command(match[1], match[2])
    source = Source(text, NAME, directory)
    if _is_empty(source):
        return None
    failure = _failure(source)
    if failure is None:
        return Program(source)
    bindings = _bindings(source)
    if bindings is not None:
        return bindings
    if _is_incomplete(failure, source):
        raise IncompleteInputError(failure.what) from failure
    if text.startswith("}"):
        raise failure  # it would close our brace
    # As bindings that still lack their end, the text may make sense further on than as an expression.
    unfinished, closed = BindingsSource(source, ""), BindingsSource(source, _CLOSINGS[-1])
    open_failure, closed_failure = _failure(unfinished), _failure(closed)
    if open_failure is None or closed_failure is None:
        raise failure  # it has closed our brace
    if _is_incomplete(open_failure, unfinished) and _is_incomplete(closed_failure, closed):
        raise IncompleteInputError(open_failure.what) from open_failure
    # What is wrong with the last attribute as such comes to light only when it is complete.
    found = closed_failure if _is_incomplete(open_failure, unfinished) else open_failure
    raise found if _offset(found) > _offset(failure) else failure


def expression(text: str, directory: str) -> Source:
    """The source of a command's argument.

    :raises IncompleteInputError: if more has to follow.
    :raises NixSyntaxError: if it is no expression.
    """
    source = Source(text, NAME, directory)
    failure = _failure(source)
    if failure is not None:
        if text and _is_incomplete(failure, source):
            raise IncompleteInputError(failure.what) from failure
        raise failure
    return source


def _is_empty(source: Source) -> bool:
    try:
        return tokenize(source).kinds[0] is TokenKind.END
    except NixSyntaxError:
        return False


def _failure(source: Source) -> NixSyntaxError | None:
    try:
        parse(source)
    except NixSyntaxError as error:
        return error
    return None


def _bindings(typed: Source) -> Bindings | None:
    for end in _CLOSINGS:
        source = BindingsSource(typed, end)
        try:
            tree = parse(source)
        except NixSyntaxError:
            continue
        # Anything else has closed our brace and opened another: "} // {".
        if isinstance(tree, syntax.AttributeSet):
            return Bindings(source)
    return None


def _is_incomplete(error: NixSyntaxError, source: Source) -> bool:
    typed = source.typed if isinstance(source, BindingsSource) else source
    # A string or comment without end is reported where it starts.
    return _offset(error) >= len(typed.text) or error.what.endswith("that starts here is not closed")


def _offset(error: NixSyntaxError) -> int:
    return error.position.offset if error.position is not None else 0
