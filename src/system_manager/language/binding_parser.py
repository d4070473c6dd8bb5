"""Parsing what binds names: the inside of sets and of ``let``, and attribute paths."""

from __future__ import annotations

from system_manager.base.type_hints import Final
from system_manager.language.bindings import (
    AttributeName,
    add_attribute,
    bind_name,
    empty_bindings,
    inherit_attribute,
)
from system_manager.language.errors import NixSyntaxError
from system_manager.language.literal_parser import LiteralParser
from system_manager.language.syntax import Bindings, String
from system_manager.language.tokens import TokenKind

_STARTS_ATTRIBUTE: Final = frozenset(
    (
        TokenKind.IDENTIFIER,
        TokenKind.OR_KEYWORD,
        TokenKind.STRING,
        TokenKind.STRING_OPEN,
        TokenKind.INTERPOLATION,
    )
)
# Bound here since the parser compares with them for every token.
_IDENTIFIER = TokenKind.IDENTIFIER
_STRING = TokenKind.STRING
_DOT = TokenKind.DOT
_ASSIGN = TokenKind.ASSIGN
_SEMICOLON = TokenKind.SEMICOLON


class BindingParser(LiteralParser):
    """Adds bindings and attribute paths."""

    def bindings(self, end: TokenKind, expected: str) -> Bindings:
        """``name = value;`` and ``inherit …;`` up to ``end``."""
        bindings = empty_bindings()
        kinds, symbols = self.kinds, self.symbols
        while True:
            index = self.index
            kind = kinds[index]
            if kind is _IDENTIFIER and kinds[index + 1] is _ASSIGN:
                self.index = index + 2
                name = str(self.values[index])
                symbols.setdefault(name, len(symbols))
                value = self.expression()
                self.expect(_SEMICOLON, "an operator or ';'")
                bind_name(self.source, bindings, name, self.offsets[index], value)
                continue
            if kind is end:
                self.index = index + 1
                bindings.attributes = self.in_order(bindings.attributes)
                return bindings
            if kind is TokenKind.INHERIT:
                self.inherit(bindings)
                continue
            if kind not in _STARTS_ATTRIBUTE:
                raise self.unexpected(expected)
            path = self.attribute_path()
            self.expect(_ASSIGN, "'=' behind the attribute's name")
            value = self.expression()
            self.expect(_SEMICOLON, "an operator or ';'")
            add_attribute(self.source, bindings, path, self.offsets[index], value)

    def inherit(self, bindings: Bindings) -> None:
        """``inherit a b;`` or ``inherit (set) a b;``."""
        self.index += 1
        from_source = None
        if self.kinds[self.index] is TokenKind.LEFT_PARENTHESIS:
            self.index += 1
            from_source = len(bindings.sources)
            bindings.sources.append(self.expression())
            self.expect(TokenKind.RIGHT_PARENTHESIS, "an operator or ')'")
        while self.kinds[self.index] in _STARTS_ATTRIBUTE:
            position = self.offsets[self.index]
            name = self.attribute_name()
            if not isinstance(name, str):
                raise NixSyntaxError(
                    "a name that is computed cannot be inherited",
                    self.source.position(position),
                    hint="write: ${name} = set.${name};",
                )
            inherit_attribute(self.source, bindings, name, position, from_source)
        self.expect(TokenKind.SEMICOLON, "a name to inherit, or ';'")

    def attribute_path(self) -> list[AttributeName]:
        """``a.b."c".${d}``."""
        path = [self.attribute_name()]
        while self.kinds[self.index] is _DOT:
            self.index += 1
            path.append(self.attribute_name())
        return path

    def attribute_name(self) -> AttributeName:
        kind = self.kinds[self.index]
        if kind is _IDENTIFIER or kind is _STRING or kind is TokenKind.OR_KEYWORD:
            return self.symbol(self.text())
        if kind is TokenKind.INTERPOLATION:
            self.index += 1
            name = self.expression()
            self.expect(TokenKind.RIGHT_BRACE, "an operator or '}'")
            return self.symbol(name.text) if isinstance(name, String) else name
        if kind is TokenKind.STRING_OPEN:
            return self.interpolation()
        raise self.unexpected("an attribute's name")
