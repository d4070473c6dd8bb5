"""Matching by exploring an automaton, in the order that the C++ standard library of GNU explores it.

That library does not look for the longest match of POSIX. It walks the automaton depth first: a repetition tries one
more round before it tries to go on, and gives up the rest of its choices as soon as one of them led to a match; an
alternation tries all its branches from the left. Among the matches it has seen the first of the longest ones wins.
A round of a repetition that consumed nothing may be repeated once. What ``match`` and ``split`` return depends on
exactly that, so it is reproduced here; but with a table of what is already known, which makes the time proportional
to (length of the subject x states) where the original is exponential, and without recursion.
"""

from __future__ import annotations

import enum

from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterator
from system_manager.language.regex.analysis import nullable
from system_manager.language.regex.errors import RegexSpaceError
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

# Entries of the table, each about 150 bytes.
TABLE_LIMIT = 4_000_000

NO_MATCH = -1

Spans = list[tuple[int, int] | None]
"""Start and end of every group, the whole match being group 0."""


class Kind(enum.IntEnum):
    """What a state of the automaton does."""

    BYTES = 0
    GROUP_START = 1
    GROUP_END = 2
    LINE_START = 3
    LINE_END = 4
    ACCEPT = 5
    REPEAT = 6
    CHOICE = 7


@record()
class Automaton:
    """States are numbers; each list has one entry per state.

    ``argument`` is a set of bytes, a group number, or the place of a repetition's counter among the others (-1 when
    its rounds can not be empty and need no counting). ``follow`` is the next state, ``inner`` the first state of a
    repetition's body or of a choice's left side.
    """

    start: int = 0
    groups: int = 0
    kind: list[Kind] = field(default_factory=list)
    argument: list[int] = field(default_factory=list)
    follow: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    counters: int = 0

    def add(self, kind: Kind, argument: int, follow: int, inner: int = -1) -> int:
        """Append a state and return its number."""
        self.kind.append(kind)
        self.argument.append(argument)
        self.follow.append(follow)
        self.inner.append(inner)
        return len(self.kind) - 1


def build_automaton(pattern: Pattern) -> Automaton:
    """The automaton of an expression; bodies of counted repetitions are copied."""
    automaton = Automaton(groups=pattern.groups)
    accept = automaton.add(Kind.ACCEPT, 0, -1)
    automaton.start = _build(automaton, pattern.root, accept)
    return automaton


def _build(automaton: Automaton, node: Node, follow: int) -> int:
    """Add the states of ``node``, which go on to ``follow``; returns the first of them."""
    match node:
        case Bytes(mask):
            return automaton.add(Kind.BYTES, mask, follow)
        case LineStart():
            return automaton.add(Kind.LINE_START, 0, follow)
        case LineEnd():
            return automaton.add(Kind.LINE_END, 0, follow)
        case Sequence(items):
            for item in reversed(items):
                follow = _build(automaton, item, follow)
            return follow
        case Group(index, body):
            end = automaton.add(Kind.GROUP_END, index, follow)
            return automaton.add(Kind.GROUP_START, index, _build(automaton, body, end))
        case Alternation(branches):
            first = _build(automaton, branches[0], follow)
            for branch in branches[1:]:
                first = automaton.add(Kind.CHOICE, 0, _build(automaton, branch, follow), first)
            return first
        case Repeat():
            return _build_repeat(automaton, node, follow)
    raise AssertionError(node)


def _build_repeat(automaton: Automaton, node: Repeat, follow: int) -> int:
    empty_rounds = nullable(node.body)

    def add_repeat(next_state: int) -> int:
        counter = -1
        if empty_rounds:
            counter = automaton.counters
            automaton.counters += 1
        return automaton.add(Kind.REPEAT, counter, next_state)

    if node.maximum is None:
        first = add_repeat(follow)
        automaton.inner[first] = _build(automaton, node.body, first)
        if not node.interval:
            return automaton.inner[first] if node.minimum else first
    else:
        first = follow
        for _ in range(node.maximum - node.minimum):
            optional = add_repeat(follow)
            automaton.inner[optional] = _build(automaton, node.body, first)
            first = optional
    for _ in range(node.minimum):
        first = _build(automaton, node.body, first)
    return first


class Matcher:
    """One subject being matched against one automaton."""

    def __init__(self, automaton: Automaton, subject: str, *, whole: bool) -> None:
        """``whole`` asks for matches that end where the subject ends, as ``match`` does."""
        self._automaton = automaton
        self._subject = subject
        self._whole = whole
        # position -> state and counters -> (end of the best match, whether the inner way leads to it)
        self._table: dict[int, dict[tuple[int, int], tuple[int, bool]]] = {}
        self._entries = 0

    def match_at(self, start: int, *, allow_empty: bool = True) -> Spans | None:
        """The match that starts at ``start``, if there is one."""
        hidden = None if allow_empty else self._table.pop(start, None)
        end = self._explore(start, NO_MATCH if allow_empty else start)
        spans = None if end == NO_MATCH else self._spans(start, end)
        if not allow_empty:
            self._table[start] = hidden or {}
        return spans

    def search(self, start: int) -> Spans | None:
        """The first match at or after ``start``; what is known about the positions before it is forgotten."""
        for position in range(start, len(self._subject) + 1):
            spans = self.match_at(position)
            if spans is not None:
                return spans
            self._entries -= len(self._table.pop(position, ()))
        return None

    def matches(self) -> Iterator[Spans]:
        """All matches from left to right, as an iterator of C++ finds them.

        An empty match is followed by the match that is not empty at the same place, if there is one.
        """
        length = len(self._subject)
        spans = self.search(0)
        while spans is not None and spans[0] is not None:
            yield spans
            start, end = spans[0]
            for position in range(start, end):
                self._entries -= len(self._table.pop(position, ()))
            if start == end:
                if start == length:
                    return
                spans = self.match_at(start, allow_empty=False) or self.search(start + 1)
            else:
                spans = self.search(end)

    def _step(self, state: int, position: int, counters: int) -> tuple[int, int, int, bool]:
        """Go on while there is only one way. The last element says whether the way ended."""
        automaton = self._automaton
        kind, argument, follow = automaton.kind, automaton.argument, automaton.follow
        subject, length = self._subject, len(self._subject)
        while True:
            what = kind[state]
            if what == Kind.BYTES:
                if position >= length or not argument[state] >> ord(subject[position]) & 1:
                    return state, NO_MATCH, counters, True
                position += 1
                counters = 0
            elif what >= Kind.REPEAT:
                return state, position, counters, False
            elif what == Kind.ACCEPT:
                matched = position == length or not self._whole
                return state, position if matched else NO_MATCH, counters, True
            elif (what == Kind.LINE_START and position != 0) or (what == Kind.LINE_END and position != length):
                return state, NO_MATCH, counters, True
            state = follow[state]

    def _explore(self, start: int, forbidden_end: int) -> int:
        """The end of the match that starts at ``start``; the table then knows the way."""
        automaton, table = self._automaton, self._table
        pending: list[tuple[int, int, int, int | None]] = []
        state, position, counters = automaton.start, start, 0
        while True:
            state, position, counters, ended = self._step(state, position, counters)
            if ended:
                result = NO_MATCH if position == forbidden_end else position
            else:
                known = table.setdefault(position, {}).get((state, counters))
                if known is None:
                    entered = self._enter(state, counters)
                    if entered is None:
                        pending.append((state, position, counters, NO_MATCH))
                        state = automaton.follow[state]
                    else:
                        pending.append((state, position, counters, None))
                        state, counters = automaton.inner[state], entered
                    continue
                result = known[0]
            resumed = self._unwind(pending, result)
            if isinstance(resumed, int):
                return resumed
            state, position, counters = resumed

    def _unwind(self, pending: list[tuple[int, int, int, int | None]], result: int) -> int | tuple[int, int, int]:
        """Hand ``result`` to the choices that wait for it, up to one that has another way to try."""
        automaton, table = self._automaton, self._table
        while pending:
            state, position, counters, inner = pending.pop()
            if inner is None:
                if result == NO_MATCH or automaton.kind[state] == Kind.CHOICE:
                    pending.append((state, position, counters, result))
                    return automaton.follow[state], position, counters
                answer = (result, True)
            elif inner != NO_MATCH and inner >= result:
                answer = (inner, True)
            else:
                answer = (result, False)
            self._entries += 1
            if self._entries > TABLE_LIMIT:
                raise RegexSpaceError("too many steps")
            table[position][state, counters] = answer
            result = answer[0]
        return result

    def _enter(self, state: int, counters: int) -> int | None:
        """The counters after another round of a repetition, None when it has had its empty rounds."""
        counter = self._automaton.argument[state]
        if counter < 0 or self._automaton.kind[state] == Kind.CHOICE:
            return counters
        return None if counters >> 2 * counter & 3 == 2 else counters + (1 << 2 * counter)

    def _spans(self, start: int, end: int) -> Spans:
        """Walk the way that the table knows and note the groups."""
        automaton = self._automaton
        spans: Spans = [None] * (automaton.groups + 1)
        starts = [start] * (automaton.groups + 1)
        state, position, counters = automaton.start, start, 0
        while (what := automaton.kind[state]) != Kind.ACCEPT:
            argument = automaton.argument[state]
            following = automaton.follow[state]
            if what == Kind.BYTES:
                position += 1
                counters = 0
            elif what == Kind.GROUP_START:
                starts[argument] = position
            elif what == Kind.GROUP_END:
                spans[argument] = (starts[argument], position)
            elif what >= Kind.REPEAT and self._table[position][state, counters][1]:
                following = automaton.inner[state]
                counters = self._enter(state, counters) or 0
            state = following
        spans[0] = (start, end)
        return spans
