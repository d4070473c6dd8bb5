"""Regular expressions: ``match`` and ``split`` as C++ Nix has them.

The naive matcher below is the specification: it walks through an expression the way GNU's C++ library does, one
choice after the other, in exponential time.
"""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from system_manager.language.regex.automaton import Matcher, build_automaton
from system_manager.language.regex.errors import InvalidRegexError, RegexSpaceError
from system_manager.language.regex.expression import Expression
from system_manager.language.regex.syntax import (
    Alternation,
    Bytes,
    Group,
    LineEnd,
    LineStart,
    Node,
    Repeat,
    Sequence,
    parse_regex,
)

MATCHES = [
    ("", "", ()),
    ("abc", "abc", ()),
    ("abc", "xabc", None),
    ("ab", "abc", None),
    ("a(b)(c)", "abc", ("b", "c")),
    ("[[:space:]]+([[:upper:]]+)[[:space:]]+", "  FOO   ", ("FOO",)),
    ("(a)|(b)", "b", (None, "b")),
    ("(a|(b))*", "ba", ("a", "b")),  # a group keeps what it matched in an earlier round
    ("(a|ab)(c|bcd)(d*)", "abcd", ("a", "bcd", "")),  # POSIX would say ab, cd, ""
    ("(a*)*", "aa", ("",)),
    ("(a*)+", "aa", ("",)),
    ("(|a)*", "aa", ("",)),
    ("(a){0}b", "b", (None,)),
    ("a{1,2}{2}", "aaa", ()),
    ("a**", "aaa", ()),
    ("a||b", "", ()),
    ("()", "", ("",)),
    ("a}", "a}", ()),
    ("]", "]", ()),
    ("^a$", "a", ()),
    ("a^b", "ab", None),
    (".", "\n", ()),
    ("[^a]", "\n", ()),
    ("[]a]", "]", ()),
    ("[^]a]", "b", ()),
    ("[]-a]", "^", ()),
    ("[--]", "-", ()),
    ("[a-]", "-", ()),
    ("[+--]", ",", ()),
    ("[\\n]", "\\", ()),  # a backslash is nothing special here
    ("[[.zero.]]", "0", ()),
    ("[[.hyphen.]a]", "-", ()),
    ("[[.a.]-c]", "b", ()),
    ("[[=a=]]", "A", ()),
    ("[[:ALPHA:]]", "x", ()),
    ("[[:w:]]", "_", ()),
    ("[[:alpha:]]", "ä", None),  # classes are those of the C locale
    ("..", "ä", ()),  # two bytes
    ("(.)(.)", "ä", ("\udcc3", "\udca4")),
    ("(..)x", "äx", ("ä",)),
    ("[^a]{2}", "ä", ()),
    ("\\.\\[\\\\\\(\\)\\*\\+\\?\\{\\|\\^\\$", ".[\\()*+?{|^$", ()),
    ("(a{300}){300}", "", None),
]

SPLITS = [
    ("(a)b", "abc", ["", ("a",), "c"]),
    ("([ac])", "abc", ["", ("a",), "b", ("c",), ""]),
    ("(a)|(c)", "abc", ["", ("a", None), "b", (None, "c"), ""]),
    ("([[:upper:]]+)", " FOO ", [" ", ("FOO",), " "]),
    ("x", "abc", ["abc"]),
    ("", "ab", ["", (), "a", (), "b", (), ""]),
    ("b*", "abc", ["", (), "a", (), "", (), "c", (), ""]),
    # The first repetition takes both and gives nothing back, although POSIX's longest match is "aab".
    ("a*(ab)?", "aab", ["", (None,), "", (None,), "b", (None,), ""]),
    ("(a|ab)(c|bcd)?", "abcd", ["", ("a", "bcd"), ""]),
    ("(|a)", "aa", ["", ("a",), "", ("a",), "", ("",), ""]),
    ("^a", "aa", ["", (), "a"]),
    ("a$", "aa", ["a", (), ""]),
    ("(^|/)([^/]+)", "a/b", ["", ("", "a"), "", ("/", "b"), ""]),
    ("ä", "xäy", ["x", (), "y"]),
    ("\udca4", "ä", ["\udcc3", (), ""]),
]

INVALID = [
    "(", ")", "a)", "(a", "*", "+a", "?", "{1}", "a|*", "(*a)", "^*", "a\\", "\\d", "\\}", "\\]", "\\/", "\\n",
    "a{", "a{x}", "a{,3}", "a{3", "a{3,", "a{2,1}", "a{9999999999999}", "a{1 }", "[", "[a", "[]", "[^]", "[[",
    "[[:alpha:", "[[:foo:]]", "[[.foo.]]", "[[.0.]]", "[[.-.]]", "[[=foo=]]", "[a-[.c.]]", "[a-[]", "[z-a]", "[a-c-e]",
    "[-----]", "[[:alpha:]-z]", "[a-é]", "a-[b-",
]  # fmt: skip

TOO_LARGE = ["a{100000}", "((a{100}){100}){100}", "(a{1000,2000}){100}"]


@pytest.mark.parametrize(("regex", "subject", "groups"), MATCHES)
def test_match(regex: str, subject: str, groups: tuple[str | None, ...] | None) -> None:
    assert Expression(regex).match(subject) == groups


@pytest.mark.parametrize(("regex", "subject", "pieces"), SPLITS)
def test_split(regex: str, subject: str, pieces: list[object]) -> None:
    assert Expression(regex).split(subject) == pieces


@pytest.mark.parametrize("regex", INVALID)
def test_invalid_expressions_are_refused(regex: str) -> None:
    with pytest.raises(InvalidRegexError):
        Expression(regex)


@pytest.mark.parametrize("regex", TOO_LARGE)
def test_expressions_with_too_many_states_are_refused(regex: str) -> None:
    with pytest.raises(RegexSpaceError):
        Expression(regex)


@pytest.mark.parametrize(
    ("regex", "subject"),
    [("(a|a)*b", "a" * 3000), ("(a*)*b", "a" * 3000), ("(x+x+)+y", "x" * 2000), ("(.*)*,(.*)*", "a" * 1000)],
)
def test_what_takes_exponential_time_elsewhere_does_not_here(regex: str, subject: str) -> None:
    assert Expression(regex).match(subject) is None


def test_a_long_subject_is_split_without_recursion() -> None:
    pieces = Expression("(foo|foobar)").split("foofoobar," * 2000)
    assert len(pieces) == 2 * 4000 + 1
    assert pieces[3] == ("foobar",)


# The specification.


class Naive:
    """Backtracking as in GNU's C++ library; ``found`` is the first of the longest matches seen."""

    def __init__(self, subject: str, *, whole: bool) -> None:
        self.subject = subject
        self.whole = whole
        self.found: tuple[int, dict[int, tuple[int, int]]] | None = None
        self.rounds: dict[object, tuple[int, int]] = {}

    def run(self, node: Node, position: int, groups: dict[int, tuple[int, int]], follow) -> bool:
        match node:
            case Bytes(mask):
                fits = position < len(self.subject) and mask >> ord(self.subject[position]) & 1
                return bool(fits) and follow(position + 1, groups)
            case LineStart():
                return position == 0 and follow(position, groups)
            case LineEnd():
                return position == len(self.subject) and follow(position, groups)
            case Group(index, body):
                return self.run(body, position, groups, lambda p, g: follow(p, {**g, index: (position, p)}))
            case Sequence(items):
                if not items:
                    return follow(position, groups)
                rest = Sequence(items[1:])
                return self.run(items[0], position, groups, lambda p, g: self.run(rest, p, g, follow))
            case Alternation(branches):
                results = [self.run(branch, position, groups, follow) for branch in branches]
                return any(results)
            case Repeat(body, minimum, None, False):

                def again(p, g, node=node):
                    return self.loop(node, id(node), p, g, follow)

                return self.run(body, position, groups, again) if minimum else again(position, groups)
            case Repeat(body, minimum, maximum, _):
                return self.interval(node, (minimum, maximum), position, groups, follow)
        raise AssertionError(node)

    def loop(self, node, key, position, groups, follow) -> bool:
        before = self.rounds.get(key, (-1, 0))
        count = before[1] + 1 if before[0] == position else 1
        if count <= 2:
            self.rounds[key] = (position, count)
            matched = self.run(node.body, position, groups, lambda p, g: self.loop(node, key, p, g, follow))
            self.rounds[key] = before
            if matched:
                return True
        return follow(position, groups)

    def interval(self, node, counts, position, groups, follow) -> bool:
        minimum, maximum = counts
        if minimum:
            left = (minimum - 1, None if maximum is None else maximum - 1)
            return self.run(node.body, position, groups, lambda p, g: self.interval(node, left, p, g, follow))
        if maximum is None:
            return self.loop(node, id(node), position, groups, follow)
        if not maximum:
            return follow(position, groups)
        if self.run(node.body, position, groups, lambda p, g: self.interval(node, (0, maximum - 1), p, g, follow)):
            return True
        return follow(position, groups)

    def accept(self, position: int, groups: dict[int, tuple[int, int]]) -> bool:
        if self.whole and position != len(self.subject):
            return False
        if self.found is None or self.found[0] < position:
            self.found = (position, groups)
        return True


def naive_match(regex: str, subject: str) -> tuple[str | None, ...] | None:
    pattern = parse_regex(regex)
    naive = Naive(subject, whole=True)
    naive.run(pattern.root, 0, {}, naive.accept)
    if naive.found is None:
        return None
    spans = naive.found[1]
    return tuple(subject[slice(*spans[n])] if n in spans else None for n in range(1, pattern.groups + 1))


def naive_first(regex: str, subject: str) -> tuple[int, int] | None:
    """The first match of a search."""
    pattern = parse_regex(regex)
    for start in range(len(subject) + 1):
        naive = Naive(subject, whole=False)
        naive.run(pattern.root, start, {}, naive.accept)
        if naive.found is not None:
            return start, naive.found[0]
    return None


# Bodies of loops that can be empty are left to the comparison with Nix: the order in which a copy of a loop counts
# its empty rounds is not worth a second implementation.
_atoms = st.sampled_from(["a", "b", "c", "[ab]", ".", "(a)", "[^a]"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}({}|)".format, inner, inner),
        st.builds("(c{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,2}", "{1,}"])),
        st.builds("{}{}".format, _atoms, st.sampled_from(["*", "+", "?"])),
    )


REGEXES = st.recursive(_atoms, _larger, max_leaves=7)
SUBJECTS = st.text(alphabet="abc", max_size=7)


@settings(max_examples=300, deadline=None)
@given(REGEXES, SUBJECTS)
def test_match_is_the_first_in_the_order_of_choices(regex: str, subject: str) -> None:
    expected = naive_match(regex, subject)
    assert Expression(regex).match(subject) == expected
    spans = Matcher(build_automaton(parse_regex(regex)), subject, whole=True).match_at(0)
    assert (spans is None) == (expected is None)


@settings(max_examples=300, deadline=None)
@given(REGEXES, SUBJECTS)
def test_search_finds_the_first_of_the_longest(regex: str, subject: str) -> None:
    spans = Matcher(build_automaton(parse_regex(regex)), subject, whole=False).search(0)
    assert (spans and spans[0]) == naive_first(regex, subject)


@settings(max_examples=200, deadline=None)
@given(REGEXES, SUBJECTS)
def test_pieces_of_a_split_are_in_the_subject_in_order(regex: str, subject: str) -> None:
    pieces = Expression(regex).split(subject)
    position = 0
    for piece in pieces[::2]:
        assert isinstance(piece, str)
        position = subject.index(piece, position) + len(piece)
    assert len(pieces) % 2 == 1
    assert all(isinstance(groups, tuple) for groups in pieces[1::2])


@given(st.text(alphabet="ab([{*+?|^$\\.])}-,:1", max_size=12))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        expression = Expression(text)
    except (InvalidRegexError, RegexSpaceError):
        return
    expression.match("ab")
    expression.split("ab-1")


def random_regex(choose: random.Random, depth: int) -> str:
    def inner() -> str:
        return random_regex(choose, depth - 1)

    kind = choose.random()
    if depth == 0 or kind < 0.3:
        return choose.choice(["a", "b", "c", "[ab]", ".", "(a)", "[^a]"])
    if kind < 0.5:
        return inner() + inner()
    if kind < 0.65:
        return f"({inner()}|{choose.choice([inner(), ''])})"
    if kind < 0.72:
        return f"(|{inner()})"
    if kind < 0.92:
        return f"({inner()}){choose.choice(['*', '+', '?', '{2}', '{1,2}', '{0,2}', '{1,}', '{0}'])}"
    if kind < 0.95:
        return f"({inner()}{choose.choice(['$', '^', ''])})"
    return f"{inner()}|{inner()}"


@pytest.mark.oracle
def test_random_expressions_do_what_they_do_in_nix(oracle) -> None:
    choose = random.Random(20)
    cases = []
    for _ in range(1500):
        subject = "".join(choose.choices("abc", k=choose.randint(0, 6)))
        cases.append((random_regex(choose, 4), subject))
    cases += [(regex, subject) for regex, subject, *_ in [*MATCHES, *SPLITS] if subject.isascii() and regex.isascii()]
    calls = [f"[ (builtins.match {json.dumps(r)} {nix_string(s)}) (builtins.split {json.dumps(r)} {nix_string(s)}) ]"
             for r, s in cases]  # fmt: skip
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", "--json", "-"], input="[" + "\n".join(calls) + "]")
    assert completed.returncode == 0, completed.stderr
    for (regex, subject), (matched, pieces) in zip(cases, json.loads(completed.stdout), strict=True):
        expression = Expression(regex)
        assert [regex, subject, as_lists(expression.match(subject))] == [regex, subject, matched]
        assert [regex, subject, as_lists(expression.split(subject))] == [regex, subject, pieces]


def nix_string(text: str) -> str:
    return json.dumps(text).replace("${", "\\${")


def as_lists(value: object) -> object:
    return [as_lists(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.oracle
def test_nix_refuses_the_same_expressions(oracle) -> None:
    tests = [f'builtins.match {json.dumps(regex, ensure_ascii=False)} ""' for regex in [*INVALID, *TOO_LARGE]]
    script = "\n".join(
        f"nix-instantiate --eval --expr '{test}' >/dev/null 2>&1 && echo {n}" for n, test in enumerate(tests)
    )
    accepted = oracle.run(["sh", "-c", script + "\ntrue"]).stdout.split()
    assert [tests[int(n)] for n in accepted] == []
