"""Expressions that Python's ``re`` matches the same way, and what that may cost.

``re`` returns the first match in the order in which choices are tried. For a match of the whole subject that is what
the automaton returns too, as long as no repetition can have an empty round. For a search it is the same when no
choice is left to be made at an alternation: its branches start with different bytes and none of them is empty.
"""

from __future__ import annotations

import re

from system_manager.base.records import record
from system_manager.language.regex.analysis import first_bytes, nullable
from system_manager.language.regex.syntax import (
    Alternation,
    Bytes,
    Group,
    LineEnd,
    LineStart,
    Node,
    Pattern,
    Repeat,
    Sequence,
)

# Steps of the backtracking matcher that are acceptable for one match; a step takes about 10 ns.
STEP_BUDGET = 5_000_000


@record(frozen=True)
class Translation:
    """An expression of ``re``.

    At worst, matching takes ``factor * length ** ambiguous_loops`` steps.
    """

    expression: re.Pattern[str]
    searchable: bool
    factor: int
    ambiguous_loops: int

    def affordable(self, length: int, *, search: bool) -> bool:
        """Whether a subject of ``length`` bytes can be matched within the budget."""
        exponent = self.ambiguous_loops
        if search and exponent:
            exponent += 1
        steps: int = self.factor * (length + 1) ** exponent
        return steps <= STEP_BUDGET


def translate(pattern: Pattern) -> Translation | None:
    """The same expression for ``re``, None when there is none or when it could take exponential time."""
    survey = _Survey()
    if not survey.visit(pattern.root, 0, in_loop=False):
        return None
    try:
        expression = re.compile(_text(pattern.root), re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        return None
    return Translation(expression, survey.searchable, survey.factor, survey.loops)


class _Survey:
    """Counts the places where matching may have to come back and choose again."""

    def __init__(self) -> None:
        self.searchable = True
        self.factor = 1
        self.loops = 0

    def visit(self, node: Node, follow: int, *, in_loop: bool) -> bool:
        """``follow`` is the set of bytes that can come after the node. False: ``re`` is not to be used."""
        match node:
            case Sequence(items):
                for item in reversed(items):
                    if not self.visit(item, follow, in_loop=in_loop):
                        return False
                    follow = first_bytes(item) | (follow if nullable(item) else 0)
                return True
            case Group(_, body):
                return self.visit(body, follow, in_loop=in_loop)
            case Alternation(branches):
                return self._choice(branches, follow, in_loop) and all(
                    self.visit(branch, follow, in_loop=in_loop) for branch in branches
                )
            case Repeat():
                return self._repeat(node, follow, in_loop)
        return True

    def _choice(self, branches: tuple[Node, ...], follow: int, in_loop: bool) -> bool:
        seen = 0
        ambiguous = False
        for branch in branches:
            first = first_bytes(branch)
            if nullable(branch):
                self.searchable = False
                first |= follow
            ambiguous = ambiguous or bool(seen & first)
            seen |= first
        if ambiguous:
            self.searchable = False
            self.factor *= len(branches)
        return not (ambiguous and in_loop)

    def _repeat(self, node: Repeat, follow: int, in_loop: bool) -> bool:
        if nullable(node.body):
            return False
        first = first_bytes(node.body)
        ambiguous = node.minimum != node.maximum and bool(first & follow)
        if ambiguous and in_loop:
            return False
        loop = node.maximum is None or node.maximum > 1
        if ambiguous and loop:
            self.loops += 1
        elif ambiguous:
            self.factor *= 2
        return self.visit(node.body, first | follow if loop else follow, in_loop=in_loop or loop)


def _text(node: Node) -> str:
    match node:
        case Bytes(mask):
            return _set_text(mask)
        case LineStart():
            return r"\A"
        case LineEnd():
            return r"\Z"
        case Sequence(items):
            return "".join([_text(item) for item in items])
        case Alternation(branches):
            return "(?:" + "|".join([_text(branch) for branch in branches]) + ")"
        case Group(_, body):
            return "(" + _text(body) + ")"
        case Repeat(body, minimum, maximum):
            inner = _text(body)
            if not isinstance(body, Bytes | Group | Alternation):
                inner = f"(?:{inner})"
            return inner + _quantifier_text(minimum, maximum)
    raise AssertionError(node)


def _quantifier_text(minimum: int, maximum: int | None) -> str:
    match minimum, maximum:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
    return f"{{{minimum},{'' if maximum is None else maximum}}}"


def _set_text(mask: int) -> str:
    ranges: list[str] = []
    byte = 0
    while mask >> byte:
        if mask >> byte & 1:
            last = byte
            while mask >> last + 1 & 1:
                last += 1
            if byte == last and mask == 1 << byte:
                return re.escape(chr(byte))
            ranges.append(f"\\x{byte:02x}" if byte == last else f"\\x{byte:02x}-\\x{last:02x}")
            byte = last
        byte += 1
    # A set without a byte matches nothing.
    return "[" + "".join(ranges) + "]" if ranges else "(?!)"
