"""Tokens to the syntax tree: one method per construct, and precedence climbing for operators.

Accepts what Nix accepts, quirks included: ``or`` is a name where nothing else fits (``map or [ … ]``), ``?`` and
the unary operators bind as its grammar says, ``let { …; body = x; }`` still works. Parentheses leave no trace in
the tree, so ``(f a) b`` is one application.
"""

from __future__ import annotations

from system_manager.language.binding_parser import BindingParser
from system_manager.language.errors import NixSyntaxError
from system_manager.language.operators import (
    BINDINGS,
    ENDS_EXPRESSION,
    HAS_ATTRIBUTE,
    IS_WORD,
    NEGATE_MINIMUM,
    NOT_MINIMUM,
    STARTS_OPERAND,
)
from system_manager.language.recursion import SYNTAX_FRAMES, recursion_allowed
from system_manager.language.source import Source
from system_manager.language.syntax import (
    Apply,
    Assert,
    AttributeSet,
    Binary,
    CurrentPosition,
    Expression,
    Float,
    Formal,
    Formals,
    HasAttribute,
    If,
    Integer,
    Lambda,
    Let,
    ListLiteral,
    Negate,
    Not,
    PathLiteral,
    SearchPath,
    Select,
    String,
    Variable,
    With,
)
from system_manager.language.tokens import TokenKind

# Bound here since the parser compares with them for every token.
_IDENTIFIER = TokenKind.IDENTIFIER
_STRING = TokenKind.STRING
_DOT = TokenKind.DOT
_OR_KEYWORD = TokenKind.OR_KEYWORD
_INTEGER = TokenKind.INTEGER
_PATH = TokenKind.PATH
_COLON = TokenKind.COLON
_AT = TokenKind.AT
_LEFT_BRACE = TokenKind.LEFT_BRACE
_LEFT_BRACKET = TokenKind.LEFT_BRACKET
_LEFT_PARENTHESIS = TokenKind.LEFT_PARENTHESIS
_RIGHT_PARENTHESIS = TokenKind.RIGHT_PARENTHESIS
_QUESTION_MARK = TokenKind.QUESTION_MARK
_NOT = TokenKind.NOT
_MINUS = TokenKind.MINUS


def parse(source: Source, *, pipe_operators: bool = False) -> Expression:
    """The syntax tree of a program.

    :param pipe_operators: accept ``|>`` and ``<|``, an experimental feature of Nix.
    :raises NixSyntaxError: if the text is not a program, or nested too deeply to be one.
    """
    parser = _Parser(source, pipe_operators)
    with recursion_allowed(SYNTAX_FRAMES):
        try:
            return parser.program()
        except RecursionError:
            position = source.position(parser.offsets[parser.index])
    raise NixSyntaxError("the expressions around this one are nested too deeply", position)


class _Parser(BindingParser):
    """The whole grammar."""

    def program(self) -> Expression:
        expression = self.expression()
        if self.kinds[self.index] is not TokenKind.END:
            raise self.unexpected("an operator or the end of the file")
        return expression

    # Expressions, from the weakest construct to the strongest

    def expression(self) -> Expression:
        """A function, ``let``, ``with``, ``assert``, ``if`` or an operation."""
        index = self.index
        kind = self.kinds[index]
        if IS_WORD[kind] and ENDS_EXPRESSION[self.kinds[index + 1]]:
            return self.simple()
        if kind is _IDENTIFIER:
            following = self.kinds[index + 1]
            if following is _COLON:
                return self.simple_function()
            if following is _AT:
                return self.named_pattern_function()
        elif kind is _LEFT_BRACE:
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
        body = self.expression()
        return Lambda(position, self.symbol(parameter), None, body)

    def named_pattern_function(self) -> Lambda:
        position = self.offsets[self.index]
        parameter = self.text()
        self.index += 1
        if self.kinds[self.index] is not TokenKind.LEFT_BRACE:
            raise self.unexpected("'{' behind '@'")
        formals = self.formals()
        self.refuse_formal_named(parameter, formals, position)
        self.expect(TokenKind.COLON, "':' behind the function's parameters")
        body = self.expression()
        return Lambda(position, self.symbol(parameter), formals, body)

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
        body = self.expression()
        return Lambda(position, None if parameter is None else self.symbol(parameter), formals, body)

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
        return Formals(tuple(self.in_order(entries).values()), ellipsis)

    def formal(self) -> Formal:
        position = self.offsets[self.index]
        name = self.text()
        default = None
        if self.kinds[self.index] is TokenKind.QUESTION_MARK:
            self.index += 1
            default = self.expression()
        return Formal(position, self.symbol(name), default)

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
            binding = BINDINGS[kind]
            if binding is not None:
                if binding.strength < minimum:
                    return left
                if binding.strength == strength_alone:
                    raise self.does_not_chain()
                self.index = index + 1
                right = self.operation(binding.right_minimum)
                left = Binary(self.offsets[index], binding.operator, left, right)
                strength_alone = -1 if binding.chains else binding.strength
            elif kind is _QUESTION_MARK and minimum <= HAS_ATTRIBUTE:
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
        if kind is _NOT:
            self.index = index + 1
            return Not(self.offsets[index], self.operation(NOT_MINIMUM))
        if kind is _MINUS:
            self.index = index + 1
            return Negate(self.offsets[index], self.operation(NEGATE_MINIMUM))
        function = self.selection()
        kinds = self.kinds
        if not STARTS_OPERAND[kinds[self.index]]:
            return function
        arguments = []
        while STARTS_OPERAND[kinds[self.index]]:
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
            if value == "__curPos":
                return CurrentPosition(position)
            self.symbols.setdefault(value, len(self.symbols))
            return Variable(position, value)
        if kind is _STRING or kind is TokenKind.URI:
            self.index = index + 1
            assert isinstance(value, str)
            return String(position, value)
        if kind is _LEFT_PARENTHESIS:
            self.index = index + 1
            expression = self.expression()
            self.expect(_RIGHT_PARENTHESIS, "an operator or ')'")
            return expression
        if kind is _LEFT_BRACE:
            return self.attribute_set(position, recursive=False)
        if kind is _LEFT_BRACKET:
            return self.list_literal()
        if kind is _PATH:
            self.index = index + 1
            assert isinstance(value, str)
            return PathLiteral(position, value)
        if kind is _INTEGER:
            self.index = index + 1
            assert isinstance(value, int)
            return Integer(position, value)
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
            case TokenKind.FLOAT, float():
                return Float(position, value)
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
        while STARTS_OPERAND[kinds[self.index]]:
            items.append(self.selection())
        self.expect(TokenKind.RIGHT_BRACKET, "an element of the list, or ']'")
        return ListLiteral(position, tuple(items))


def _apply(position: int, function: Expression, arguments: tuple[Expression, ...]) -> Apply:
    """The application, as one node if ``function`` is an application itself."""
    if isinstance(function, Apply):
        return Apply(function.position, function.function, function.arguments + arguments)
    return Apply(position, function, arguments)
