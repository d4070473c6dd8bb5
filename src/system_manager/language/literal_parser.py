"""Parsing literals that contain expressions: strings of both forms, and paths."""

from __future__ import annotations

from system_manager.language.errors import NixSyntaxError
from system_manager.language.string_literals import strip_indentation
from system_manager.language.syntax import Expression, Interpolation, PathInterpolation, String
from system_manager.language.token_reader import TokenReader
from system_manager.language.tokens import IndentedPart, TokenKind


class LiteralParser(TokenReader):
    """Adds the literals with interpolation."""

    def interpolation(self) -> Interpolation:
        """``"text ${expression} text"``."""
        position = self.offsets[self.index]
        self.index += 1
        parts: list[str | Expression] = []
        while self.kinds[self.index] is not TokenKind.STRING_CLOSE:
            if self.kinds[self.index] is TokenKind.STRING_PART:
                parts.append(self.text())
            else:
                parts.append(self.interpolated())
        self.index += 1
        return Interpolation(position, tuple(parts))

    def indented_string(self) -> String | Interpolation:
        """``'' … ''``."""
        position = self.offsets[self.index]
        self.index += 1
        parts: list[IndentedPart | Expression] = []
        while self.kinds[self.index] is not TokenKind.INDENTED_CLOSE:
            value = self.values[self.index]
            if isinstance(value, IndentedPart):
                parts.append(value)
                self.index += 1
            else:
                parts.append(self.interpolated())
        self.index += 1
        stripped = strip_indentation(parts)
        if not stripped:
            return String(position, "")
        first = stripped[0]
        if len(stripped) == 1 and isinstance(first, str):
            return String(position, first)
        if len(stripped) == 1 and isinstance(first, String):
            return first
        return Interpolation(position, stripped)

    def path_interpolation(self) -> PathInterpolation:
        """``./a/${expression}/b``."""
        position = self.offsets[self.index]
        parts: list[str | Expression] = [self.text()]
        while self.kinds[self.index] is not TokenKind.PATH_CLOSE:
            if self.kinds[self.index] is TokenKind.PATH_PART:
                # Only a doubled slash puts text behind text; Nix takes one such piece, if an expression follows.
                following = self.kinds[self.index + 1]
                if len(parts) == 1 and following is not TokenKind.INTERPOLATION:
                    raise NixSyntaxError(
                        "the path has two slashes in a row",
                        self.source.position(self.offsets[self.index]),
                        hint="write one slash",
                    )
                parts.append(self.text())
            else:
                parts.append(self.interpolated())
        self.index += 1
        return PathInterpolation(position, tuple(parts))

    def interpolated(self) -> Expression:
        """``${ expression }``."""
        self.expect(TokenKind.INTERPOLATION, "'${'")
        expression = self.expression()
        self.expect(TokenKind.RIGHT_BRACE, "an operator or '}'")
        return expression
