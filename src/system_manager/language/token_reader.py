"""The parser's view of the tokens: the current one, what must follow, and what is wrong with it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from system_manager.base.type_hints import TypeVar
from system_manager.language import diagnosis
from system_manager.language.errors import NixSyntaxError
from system_manager.language.lexer import tokenize
from system_manager.language.source import Source
from system_manager.language.symbols import KNOWN_SYMBOLS
from system_manager.language.syntax import Expression
from system_manager.language.tokens import TokenKind

Named = TypeVar("Named")


class TokenReader(ABC):
    """Reads the tokens of one source from the first to the last.

    In the classes that are built on this, each method reads one construct from the current token on and leaves the
    current token behind it.
    """

    def __init__(self, source: Source, pipe_operators: bool) -> None:
        self.source = source
        self.pipe_operators = pipe_operators
        self.tokens = tokenize(source)
        self.kinds = self.tokens.kinds
        self.values = self.tokens.values
        self.offsets = self.tokens.offsets
        self.index = 0
        self.symbols = KNOWN_SYMBOLS.copy()

    @abstractmethod
    def expression(self) -> Expression:
        """Any expression; the literals and bindings contain them."""

    def unexpected(self, expected: str) -> NixSyntaxError:
        kind = self.kinds[self.index]
        if kind in (TokenKind.PIPE_INTO, TokenKind.PIPE_FROM) and not self.pipe_operators:
            return NixSyntaxError(
                "the pipe operators are an experimental feature and are not enabled",
                self.source.position(self.offsets[self.index]),
                hint="enable the experimental feature 'pipe-operators', or write a function application",
            )
        return diagnosis.unexpected(self.source, self.tokens, self.index, expected)

    def expect(self, kind: TokenKind, expected: str) -> None:
        if self.kinds[self.index] is not kind:
            raise self.unexpected(expected)
        self.index += 1

    def symbol(self, name: str) -> str:
        """The name, numbered if it was not met before."""
        self.symbols.setdefault(name, len(self.symbols))
        return name

    def in_order(self, named: dict[str, Named]) -> dict[str, Named]:
        """What has these names, in the order in which Nix goes through them."""
        if len(named) > 1:
            number_of = self.symbols.__getitem__
            numbers = [*map(number_of, named)]
            if numbers != sorted(numbers):
                return {name: named[name] for name in sorted(named, key=number_of)}
        return named

    def text(self) -> str:
        """The current token's value, which is text; moves behind it."""
        value = self.values[self.index]
        assert isinstance(value, str)
        self.index += 1
        return value
