"""Tokens to the syntax tree: one method per construct, and precedence climbing for operators.

Accepts what Nix accepts, quirks included: ``or`` is a name where nothing else fits (``map or [ … ]``), ``?`` and
the unary operators bind as its grammar says, ``let { …; body = x; }`` still works. Parentheses leave no trace in
the tree, so ``(f a) b`` is one application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from system_manager.language import diagnosis
from system_manager.language.bindings import AttributeName, add_attribute, empty_bindings, inherit_attribute
from system_manager.language.errors import NixSyntaxError
from system_manager.language.lexer import tokenize
from system_manager.language.recursion import SYNTAX_FRAMES, recursion_allowed
from system_manager.language.source import Source
from system_manager.language.string_literals import strip_indentation
from system_manager.language.syntax import (
    Apply,
    Assert,
    AttributeSet,
    Binary,
    Bindings,
    CurrentPosition,
    Expression,
    Float,
    Formal,
    Formals,
    HasAttribute,
    If,
    Integer,
    Interpolation,
    Lambda,
    Let,
    ListLiteral,
    Negate,
    Not,
    Operator,
    PathInterpolation,
    PathLiteral,
    SearchPath,
    Select,
    String,
    Variable,
    With,
)
from system_manager.language.tokens import IndentedPart, TokenKind


@dataclass(frozen=True, slots=True)
class _Binding:
    """How strongly an operator holds its operands; the higher, the stronger."""

    strength: int
    right_minimum: int  # the weakest operator that its right operand may contain
    operator: Operator
    chains: bool = True


def _left(strength: int, operator: Operator) -> _Binding:
    return _Binding(strength, strength + 1, operator)


def _right(strength: int, operator: Operator) -> _Binding:
    return _Binding(strength, strength, operator)


def _alone(strength: int, operator: Operator) -> _Binding:
    return _Binding(strength, strength + 1, operator, chains=False)


_NOT_MINIMUM = 7  # what `!` leaves to the operators around it is weaker than this
_HAS_ATTRIBUTE = 11
_NEGATE_MINIMUM = 12
_BINDINGS: Final[list[_Binding | None]] = [None] * (max(TokenKind) + 1)
for _kind, _binding in {
    TokenKind.IMPLIES: _right(1, Operator.IMPLIES),
    TokenKind.OR: _left(2, Operator.OR),
    TokenKind.AND: _left(3, Operator.AND),
    TokenKind.EQUAL: _alone(4, Operator.EQUAL),
    TokenKind.NOT_EQUAL: _alone(4, Operator.NOT_EQUAL),
    TokenKind.LESS: _alone(5, Operator.LESS),
    TokenKind.LESS_OR_EQUAL: _alone(5, Operator.LESS_OR_EQUAL),
    TokenKind.GREATER: _alone(5, Operator.GREATER),
    TokenKind.GREATER_OR_EQUAL: _alone(5, Operator.GREATER_OR_EQUAL),
    TokenKind.UPDATE: _right(6, Operator.UPDATE),
    TokenKind.PLUS: _left(8, Operator.ADD),
    TokenKind.MINUS: _left(8, Operator.SUBTRACT),
    TokenKind.TIMES: _left(9, Operator.MULTIPLY),
    TokenKind.DIVIDE: _left(9, Operator.DIVIDE),
    TokenKind.CONCATENATE: _right(10, Operator.CONCATENATE),
}.items():
    _BINDINGS[_kind] = _binding

_STARTS_OPERAND: Final[list[bool]] = [
    kind
    in (
        TokenKind.IDENTIFIER,
        TokenKind.INTEGER,
        TokenKind.FLOAT,
        TokenKind.STRING,
        TokenKind.STRING_OPEN,
        TokenKind.INDENTED_OPEN,
        TokenKind.URI,
        TokenKind.PATH,
        TokenKind.PATH_OPEN,
        TokenKind.SEARCH_PATH,
        TokenKind.LEFT_BRACE,
        TokenKind.LEFT_BRACKET,
        TokenKind.LEFT_PARENTHESIS,
        TokenKind.REC,
        TokenKind.LET,
    )
    for kind in range(max(TokenKind) + 1)
]
# Bound here since the parser compares with them for every token.
_IDENTIFIER = TokenKind.IDENTIFIER
_STRING = TokenKind.STRING
_DOT = TokenKind.DOT
_OR_KEYWORD = TokenKind.OR_KEYWORD


def parse(source: Source, *, pipe_operators: bool = False) -> Expression:
    """The syntax tree of a program.

    :param pipe_operators: accept ``|>`` and ``<|``, an experimental feature of Nix.
    :raises NixSyntaxError: if the text is not a program, or nested too deeply to be one.
    """
    with recursion_allowed(SYNTAX_FRAMES):
        try:
            return _Parser(source, pipe_operators).program()
        except RecursionError:
            pass
    raise NixSyntaxError("the expressions in this program are nested too deeply", source.position(0))


class _Parser:
    """Each method reads one construct from the current token on and leaves the current token behind it."""

    def __init__(self, source: Source, pipe_operators: bool) -> None:
        self.source = source
        self.pipe_operators = pipe_operators
        self.tokens = tokenize(source)
        self.kinds = self.tokens.kinds
        self.values = self.tokens.values
        self.offsets = self.tokens.offsets
        self.index = 0

    def program(self) -> Expression:
        expression = self.expression()
        if self.kinds[self.index] is not TokenKind.END:
            raise self.unexpected("an operator or the end of the file")
        return expression

    # Errors and single tokens

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

    def text(self) -> str:
        """The current token's value, which is text; moves behind it."""
        value = self.values[self.index]
        assert isinstance(value, str)
        self.index += 1
        return value

    # Expressions, from the weakest construct to the strongest

    def expression(self) -> Expression:
        """A function, ``let``, ``with``, ``assert``, ``if`` or an operation."""
        index = self.index
        kind = self.kinds[index]
        if kind is _IDENTIFIER:
            following = self.kinds[index + 1]
            if following is TokenKind.COLON:
                return self.simple_function()
            if following is TokenKind.AT:
                return self.named_pattern_function()
        elif kind is TokenKind.LEFT_BRACE:
            if self.at_pattern():
                return self.pattern_function()
        elif kind is TokenKind.LET:
            if self.kinds[index + 1] is not TokenKind.LEFT_BRACE:
                return self.let()
        elif kind is TokenKind.IF:
            return self.conditional()
        elif kind is TokenKind.WITH:
            return self.with_namespace()
        elif kind is TokenKind.ASSERT:
            return self.assertion()
        operation = self.operation(0)
        if self.pipe_operators:
            return self.pipe(operation)
        return operation

    def simple_function(self) -> Lambda:
        position = self.offsets[self.index]
        parameter = self.text()
        self.index += 1
        return Lambda(position, parameter, None, self.expression())

    def named_pattern_function(self) -> Lambda:
        position = self.offsets[self.index]
        parameter = self.text()
        self.index += 1
        if self.kinds[self.index] is not TokenKind.LEFT_BRACE:
            raise self.unexpected("'{' behind '@'")
        formals = self.formals()
        self.refuse_formal_named(parameter, formals, position)
        self.expect(TokenKind.COLON, "':' behind the function's parameters")
        return Lambda(position, parameter, formals, self.expression())

    def pattern_function(self) -> Lambda:
        position = self.offsets[self.index]
        formals = self.formals()
        parameter = None
        if self.kinds[self.index] is TokenKind.AT:
            self.index += 1
            if self.kinds[self.index] is not _IDENTIFIER:
                raise self.unexpected("a name behind '@'")
            parameter = self.text()
            self.refuse_formal_named(parameter, formals, position)
        self.expect(TokenKind.COLON, "':' behind the function's parameters")
        return Lambda(position, parameter, formals, self.expression())

    def at_pattern(self) -> bool:
        """Whether the brace here starts a function's parameters, not a set."""
        kinds, index = self.kinds, self.index
        kind = kinds[index + 1]
        if kind is _IDENTIFIER:
            return kinds[index + 2] in (TokenKind.COMMA, TokenKind.QUESTION_MARK, TokenKind.RIGHT_BRACE)
        if kind is TokenKind.RIGHT_BRACE:
            return kinds[index + 2] in (TokenKind.COLON, TokenKind.AT)
        return kind is TokenKind.ELLIPSIS

    def formals(self) -> Formals:
        """``{ a, b ? default, ... }``."""
        entries: dict[str, Formal] = {}
        ellipsis = False
        self.index += 1
        while self.kinds[self.index] is not TokenKind.RIGHT_BRACE:
            if self.kinds[self.index] is TokenKind.ELLIPSIS:
                ellipsis = True
                self.index += 1
                break
            if self.kinds[self.index] is not _IDENTIFIER:
                raise self.unexpected("a parameter's name, '...' or '}'")
            formal = self.formal()
            if formal.name in entries:
                raise NixSyntaxError(
                    f"the parameter '{formal.name}' is defined twice",
                    self.source.position(formal.position),
                    notes=(("it was defined", self.source.position(entries[formal.name].position)),),
                )
            entries[formal.name] = formal
            if self.kinds[self.index] is not TokenKind.COMMA:
                break
            self.index += 1
        self.expect(TokenKind.RIGHT_BRACE, "'}' behind '...'" if ellipsis else "',' or '}' behind a parameter")
        return Formals(tuple(entries.values()), ellipsis)

    def formal(self) -> Formal:
        position = self.offsets[self.index]
        name = self.text()
        default = None
        if self.kinds[self.index] is TokenKind.QUESTION_MARK:
            self.index += 1
            default = self.expression()
        return Formal(position, name, default)

    def refuse_formal_named(self, parameter: str, formals: Formals, position: int) -> None:
        for formal in formals.entries:
            if formal.name == parameter:
                raise NixSyntaxError(
                    f"the parameter '{parameter}' is defined twice, before or behind '@' and between the braces",
                    self.source.position(position),
                )

    def let(self) -> Let:
        position = self.offsets[self.index]
        self.index += 1
        bindings = self.bindings(TokenKind.IN, "a name to bind, or 'in'")
        if bindings.dynamic:
            raise NixSyntaxError(
                "a name that is computed cannot be bound by 'let'",
                self.source.position(bindings.dynamic[0].position),
                hint="bind a set, and select from it",
            )
        return Let(position, bindings, self.expression())

    def with_namespace(self) -> With:
        position = self.offsets[self.index]
        self.index += 1
        namespace = self.expression()
        self.expect(TokenKind.SEMICOLON, "';' behind the set of 'with'")
        return With(position, namespace, self.expression())

    def assertion(self) -> Assert:
        position = self.offsets[self.index]
        self.index += 1
        condition = self.expression()
        self.expect(TokenKind.SEMICOLON, "';' behind the condition of 'assert'")
        return Assert(position, condition, self.expression())

    def conditional(self) -> If:
        position = self.offsets[self.index]
        self.index += 1
        condition = self.expression()
        self.expect(TokenKind.THEN, "an operator or 'then'")
        consequence = self.expression()
        self.expect(TokenKind.ELSE, "an operator or 'else'")
        return If(position, condition, consequence, self.expression())

    def pipe(self, left: Expression) -> Expression:
        """``value |> f |> g`` or ``f <| g <| value``, but not both."""
        if self.kinds[self.index] is TokenKind.PIPE_FROM:
            position = self.offsets[self.index]
            self.index += 1
            return _apply(position, left, (self.pipe_from(),))
        while self.kinds[self.index] is TokenKind.PIPE_INTO:
            position = self.offsets[self.index]
            self.index += 1
            left = _apply(position, self.operation(0), (left,))
        return left

    def pipe_from(self) -> Expression:
        left = self.operation(0)
        if self.kinds[self.index] is not TokenKind.PIPE_FROM:
            return left
        position = self.offsets[self.index]
        self.index += 1
        return _apply(position, left, (self.pipe_from(),))

    def operation(self, minimum: int) -> Expression:
        """Operands and operators, of which none outside operands is weaker than ``minimum``."""
        left = self.operand()
        strength_alone = -1
        while True:
            index = self.index
            kind = self.kinds[index]
            binding = _BINDINGS[kind]
            if binding is not None:
                if binding.strength < minimum:
                    return left
                if binding.strength == strength_alone:
                    raise self.does_not_chain()
                self.index = index + 1
                right = self.operation(binding.right_minimum)
                left = Binary(self.offsets[index], binding.operator, left, right)
                strength_alone = -1 if binding.chains else binding.strength
            elif kind is TokenKind.QUESTION_MARK and minimum <= _HAS_ATTRIBUTE:
                self.index = index + 1
                left = HasAttribute(self.offsets[index], left, tuple(self.attribute_path()))
            else:
                return left

    def does_not_chain(self) -> NixSyntaxError:
        return NixSyntaxError(
            "comparisons cannot be chained",
            self.source.position(self.offsets[self.index]),
            hint="put one of them into parentheses, or join them with '&&'",
        )

    def operand(self) -> Expression:
        """``!`` or ``-`` with what it applies to, or an application."""
        index = self.index
        kind = self.kinds[index]
        if kind is TokenKind.NOT:
            self.index = index + 1
            return Not(self.offsets[index], self.operation(_NOT_MINIMUM))
        if kind is TokenKind.MINUS:
            self.index = index + 1
            return Negate(self.offsets[index], self.operation(_NEGATE_MINIMUM))
        function = self.selection()
        kinds = self.kinds
        if not _STARTS_OPERAND[kinds[self.index]]:
            return function
        arguments = [self.selection()]
        while _STARTS_OPERAND[kinds[self.index]]:
            arguments.append(self.selection())
        return _apply(self.offsets[index], function, tuple(arguments))

    def selection(self) -> Expression:
        """``a``, ``a.b.c``, ``a.b or default``, or the word ``or`` as an argument."""
        index = self.index
        subject = self.simple()
        kind = self.kinds[self.index]
        if kind is _DOT:
            self.index += 1
            path = tuple(self.attribute_path())
            default = None
            if self.kinds[self.index] is _OR_KEYWORD:
                self.index += 1
                default = self.selection()
            return Select(self.offsets[index], subject, path, default)
        if kind is _OR_KEYWORD:
            word = Variable(self.offsets[self.index], "or")
            self.index += 1
            return _apply(self.offsets[index], subject, (word,))
        return subject

    def simple(self) -> Expression:
        """A literal, a name, or anything in brackets."""
        index = self.index
        kind = self.kinds[index]
        position = self.offsets[index]
        value = self.values[index]
        if kind is _IDENTIFIER:
            self.index = index + 1
            assert isinstance(value, str)
            return Variable(position, value) if value != "__curPos" else CurrentPosition(position)
        if kind is _STRING or kind is TokenKind.URI:
            self.index = index + 1
            assert isinstance(value, str)
            return String(position, value)
        if kind is TokenKind.LEFT_PARENTHESIS:
            self.index = index + 1
            expression = self.expression()
            self.expect(TokenKind.RIGHT_PARENTHESIS, "an operator or ')'")
            return expression
        if kind is TokenKind.LEFT_BRACE:
            return self.attribute_set(position, recursive=False)
        if kind is TokenKind.LEFT_BRACKET:
            return self.list_literal()
        if kind is TokenKind.STRING_OPEN:
            return self.interpolation()
        if kind is TokenKind.INDENTED_OPEN:
            return self.indented_string()
        return self.uncommon_simple()

    def uncommon_simple(self) -> Expression:
        kind = self.kinds[self.index]
        position = self.offsets[self.index]
        value = self.values[self.index]
        if kind is TokenKind.PATH_OPEN:
            return self.path_interpolation()
        if kind is TokenKind.REC:
            self.index += 1
            return self.attribute_set(position, recursive=True)
        if kind is TokenKind.LET and self.kinds[self.index + 1] is TokenKind.LEFT_BRACE:
            self.index += 1
            return Select(position, self.attribute_set(position, recursive=True), ("body",), None)
        self.index += 1
        match kind, value:
            case TokenKind.INTEGER, int():
                return Integer(position, value)
            case TokenKind.FLOAT, float():
                return Float(position, value)
            case TokenKind.PATH, str():
                return PathLiteral(position, value)
            case TokenKind.SEARCH_PATH, str():
                return SearchPath(position, value)
        self.index -= 1
        raise self.unexpected("an expression")

    # Collections

    def attribute_set(self, position: int, *, recursive: bool) -> AttributeSet:
        self.expect(TokenKind.LEFT_BRACE, "'{' behind 'rec'")
        return AttributeSet(position, recursive, self.bindings(TokenKind.RIGHT_BRACE, "an attribute's name, or '}'"))

    def list_literal(self) -> ListLiteral:
        position = self.offsets[self.index]
        self.index += 1
        items = []
        kinds = self.kinds
        while _STARTS_OPERAND[kinds[self.index]]:
            items.append(self.selection())
        self.expect(TokenKind.RIGHT_BRACKET, "an element of the list, or ']'")
        return ListLiteral(position, tuple(items))

    def bindings(self, end: TokenKind, expected: str) -> Bindings:
        """``name = value;`` and ``inherit …;`` up to ``end``."""
        bindings = empty_bindings()
        kinds = self.kinds
        while True:
            index = self.index
            kind = kinds[index]
            if kind is _IDENTIFIER and kinds[index + 1] is TokenKind.ASSIGN:
                path: list[AttributeName] = [self.text()]
            elif kind is end:
                self.index = index + 1
                return bindings
            elif kind is TokenKind.INHERIT:
                self.inherit(bindings)
                continue
            else:
                if kind not in _STARTS_ATTRIBUTE:
                    raise self.unexpected(expected)
                path = self.attribute_path()
            self.expect(TokenKind.ASSIGN, "'=' behind the attribute's name")
            value = self.expression()
            self.expect(TokenKind.SEMICOLON, "an operator or ';'")
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
        if kind is _IDENTIFIER or kind is _STRING or kind is _OR_KEYWORD:
            return self.text()
        if kind is TokenKind.INTERPOLATION:
            self.index += 1
            name = self.expression()
            self.expect(TokenKind.RIGHT_BRACE, "an operator or '}'")
            return name.text if isinstance(name, String) else name
        if kind is TokenKind.STRING_OPEN:
            return self.interpolation()
        raise self.unexpected("an attribute's name")

    # Literals with interpolation

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


_STARTS_ATTRIBUTE: Final = frozenset(
    (
        TokenKind.IDENTIFIER,
        TokenKind.OR_KEYWORD,
        TokenKind.STRING,
        TokenKind.STRING_OPEN,
        TokenKind.INTERPOLATION,
    )
)


def _apply(position: int, function: Expression, arguments: tuple[Expression, ...]) -> Apply:
    """The application, as one node if ``function`` is an application itself."""
    if isinstance(function, Apply):
        return Apply(function.position, function.function, function.arguments + arguments)
    return Apply(position, function, arguments)
