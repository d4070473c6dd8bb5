"""The syntax of regular expressions: text to a tree of nodes.

The dialect is POSIX extended (POSIX.1-2024, XBD chapter 9) as the C++ standard library of GNU reads it, because
that is what ``builtins.match`` and ``builtins.split`` have always accepted. It differs from the text of the standard
in small ways: an empty alternative is allowed, a quantifier may follow a quantifier, an escaped ordinary character is
an error. Expressions work on bytes; a set of bytes is an integer whose bit ``n`` stands for the byte ``n``.
"""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.language.regex.characters import ANY_BYTE, collating_element, equivalence_class, named_class
from system_manager.language.regex.errors import InvalidRegexError, RegexSpaceError

STATE_LIMIT = 100_000

_SPECIAL = frozenset(".[\\()*+?{|^$")
_INTEGER_LIMIT = 2**31 - 1


@record(frozen=True)
class Node:
    """Part of an expression."""


@record(frozen=True)
class Bytes(Node):
    """One byte out of a set."""

    mask: int


@record(frozen=True)
class LineStart(Node):
    """``^``: the start of the subject."""


@record(frozen=True)
class LineEnd(Node):
    """``$``: the end of the subject."""


@record(frozen=True)
class Sequence(Node):
    """One after the other; empty for an empty alternative."""

    items: tuple[Node, ...]


@record(frozen=True)
class Alternation(Node):
    """``a|b|c``."""

    branches: tuple[Node, ...]


@record(frozen=True)
class Group(Node):
    """``(a)``; groups are numbered from 1 by their opening parenthesis."""

    index: int
    body: Node


@record(frozen=True)
class Repeat(Node):
    """``a*``, ``a+``, ``a?``, ``a{2,5}``; ``maximum`` is None for no limit.

    ``interval`` tells ``a{1,}`` from ``a+``: the required rounds of an interval have states of their own.
    """

    body: Node
    minimum: int
    maximum: int | None
    interval: bool = False


@record(frozen=True)
class Pattern:
    """A whole expression."""

    root: Node
    groups: int


def parse_regex(text: str) -> Pattern:
    """Parse the expression; each character of ``text`` is one byte (0-255).

    :raises InvalidRegexError: for anything that is not an expression.
    :raises RegexSpaceError: when the automaton would have more than ``STATE_LIMIT`` states.
    """
    parser = _Parser(text)
    root, states = parser.disjunction()
    if parser.offset != len(text):
        raise InvalidRegexError("unmatched parenthesis or misplaced quantifier")
    if states + 3 > STATE_LIMIT:
        raise RegexSpaceError("too many states")
    return Pattern(root, parser.groups)


class _Parser:
    """Recursive descent. Each method returns the node and the number of automaton states that it stands for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.groups = 0

    def peek(self) -> str:
        return self.text[self.offset] if self.offset < len(self.text) else ""

    def take(self) -> str:
        character = self.peek()
        self.offset += 1
        return character

    def disjunction(self) -> tuple[Node, int]:
        node, states = self.alternative()
        branches = [node]
        while self.peek() == "|":
            self.offset += 1
            node, more = self.alternative()
            branches.append(node)
            states += more + 2
        return (branches[0] if len(branches) == 1 else Alternation(tuple(branches))), states

    def alternative(self) -> tuple[Node, int]:
        items: list[Node] = []
        states = 1
        while True:
            term = self.term()
            if term is None:
                break
            items.append(term[0])
            states += term[1]
            if states > STATE_LIMIT:
                raise RegexSpaceError("too many states")
        return (items[0] if len(items) == 1 else Sequence(tuple(items))), states

    def term(self) -> tuple[Node, int] | None:
        character = self.peek()
        if character in ("^", "$"):
            self.offset += 1
            return (LineStart() if character == "^" else LineEnd()), 1
        atom = self.atom()
        if atom is None:
            return None
        node, states = atom
        while (character := self.peek()) and character in "*+?{":
            node, states = self.quantifier(node, states)
        return node, states

    def atom(self) -> tuple[Node, int] | None:
        character = self.peek()
        if character == "" or character in "|)*+?{":
            return None
        self.offset += 1
        if character == "(":
            self.groups += 1
            index = self.groups
            body, states = self.disjunction()
            if self.take() != ")":
                raise InvalidRegexError("unmatched parenthesis")
            return Group(index, body), states + 2
        if character == ".":
            return Bytes(ANY_BYTE & ~1), 1
        if character == "[":
            return Bytes(self.bracket()), 1
        if character == "\\":
            character = self.take()
            if character == "" or character not in _SPECIAL:
                raise InvalidRegexError("escape of an ordinary character")
        elif character == "\0":
            raise InvalidRegexError("null byte")
        return Bytes(1 << ord(character)), 1

    def quantifier(self, node: Node, states: int) -> tuple[Node, int]:
        character = self.take()
        if character == "{":
            return self.interval(node, states)
        if character == "?":
            return Repeat(node, 0, 1), states + 2
        return Repeat(node, 1 if character == "+" else 0, None), states + 1

    def interval(self, node: Node, states: int) -> tuple[Node, int]:
        minimum = self.count()
        maximum: int | None = minimum
        if self.peek() == ",":
            self.offset += 1
            maximum = self.count() if self.peek() != "}" else None
        if self.take() != "}":
            raise InvalidRegexError("unterminated interval")
        if maximum is None:
            size = 1 + minimum * states + states + 1
        else:
            if maximum < minimum:
                raise InvalidRegexError("interval with its ends swapped")
            size = 1 + minimum * states + 1 + (maximum - minimum) * (states + 1)
        if size > STATE_LIMIT:
            raise RegexSpaceError("too many states")
        return Repeat(node, minimum, maximum, interval=True), size

    def count(self) -> int:
        start = self.offset
        while self.peek() in _DIGITS:
            self.offset += 1
        digits = self.text[start : self.offset]
        if not digits or len(digits) > 4000 or int(digits) > _INTEGER_LIMIT:
            raise InvalidRegexError("interval without a usable number")
        return int(digits)

    def bracket(self) -> int:
        negated = self.peek() == "^"
        if negated:
            self.offset += 1
        mask = _Bracket(self).read()
        return ANY_BYTE & ~mask if negated else mask


_DIGITS = frozenset("0123456789")


class _Bracket:
    """What stands between ``[`` and ``]``.

    ``last`` is the byte that a following dash would make the start of a range: its number, None when there is none,
    or ``-1`` after a class, which can not start a range.
    """

    _CLASS = -1

    def __init__(self, parser: _Parser) -> None:
        self.parser = parser
        self.mask = 0
        self.last: int | None = None

    def read(self) -> int:
        parser = self.parser
        first = parser.peek()
        if first in ("]", "-"):
            parser.offset += 1
            self.last = ord(first)
        while True:
            character = parser.take()
            if character == "":
                raise InvalidRegexError("unterminated bracket expression")
            if character == "]":
                break
            if character == "-":
                if parser.peek() == "]":
                    parser.offset += 1
                    self.push(ord("-"))
                    break
                self.range()
            elif character == "[":
                self.element()
            else:
                self.push(ord(character))
        self.flush()
        return self.mask

    def flush(self) -> None:
        if self.last is not None and self.last >= 0:
            self.mask |= 1 << self.last

    def push(self, byte: int) -> None:
        self.flush()
        self.last = byte

    def push_class(self, mask: int) -> None:
        self.flush()
        self.last = self._CLASS
        self.mask |= mask

    def element(self) -> None:
        """After ``[``: a class ``[:a:]``, a collating element ``[.a.]``, an equivalence class ``[=a=]``, or itself."""
        parser = self.parser
        kind = parser.peek()
        if kind == "":
            raise InvalidRegexError("unterminated bracket expression")
        if kind not in ".:=":
            self.push(ord("["))
            return
        name = self.class_name(kind)
        if kind == ":":
            mask = named_class(name)
            if mask == 0:
                raise InvalidRegexError(f"unknown character class {name}")
            self.push_class(mask)
            return
        byte = collating_element(name)
        if byte is None:
            raise InvalidRegexError(f"unknown collating element {name}")
        if kind == ".":
            self.push(byte)
        else:
            self.push_class(equivalence_class(byte))

    def class_name(self, kind: str) -> str:
        parser = self.parser
        start = parser.offset + 1
        end = parser.text.find(kind, start)
        if end < 0 or parser.text[end + 1 : end + 2] != "]":
            raise InvalidRegexError("unterminated class name")
        parser.offset = end + 2
        return parser.text[start:end]

    def range(self) -> None:
        if self.last is None or self.last == self._CLASS:
            raise InvalidRegexError("range without a start")
        parser = self.parser
        character = parser.take()
        if character == "" or (character == "[" and parser.peek() in (".", ":", "=", "")):
            raise InvalidRegexError("range without an end")
        start, end = _signed(self.last), _signed(ord(character))
        if start > end:
            raise InvalidRegexError("range with its ends swapped")
        for byte in range(start, end + 1):
            self.mask |= 1 << (byte & 0xFF)
        self.last = None


def _signed(byte: int) -> int:
    """Bytes are compared as the signed characters that they are on x86."""
    return byte - 256 if byte >= 128 else byte
