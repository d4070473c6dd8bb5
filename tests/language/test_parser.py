"""The parser: which trees programs have, shown as Nix prints them, and which texts are no programs.

That these trees are Nix's own is checked by ``test_parser_oracle``; how syntax errors are worded is in
``cases/syntax-of-…``.
"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.errors import NixSyntaxError
from system_manager.language.parser import parse
from system_manager.language.source import Source
from system_manager.language.syntax import Expression
from system_manager.language.syntax_printer import print_syntax


def read(program: str | bytes, *, pipe_operators: bool = False) -> Expression:
    data = program if isinstance(program, bytes) else program.encode()
    return parse(Source.from_bytes(data, "«string»", "/here"), pipe_operators=pipe_operators)


def tree(program: str | bytes, *, pipe_operators: bool = False) -> str:
    return print_syntax(read(program, pipe_operators=pipe_operators), directory="/here", home="/home/me")


ACCEPTED = [
    ("1", "1"),
    ("007", "7"),
    ("1.5", "1.5"),
    (".5", "0.5"),
    ("1.e3", "1000"),
    ('"a"', '"a"'),
    ('"a${x}b"', '("a" + x + "b")'),
    ('"${x}"', "(x)"),
    ('"$${x}\\${x}$"', '"$\\${x}\\${x}$"'),
    ("''a''", '"a"'),
    ('"a\\n\\r\\t\\"\\\\"', '"a\\n\\r\\t\\"\\\\"'),
    ("a:b", '"a:b"'),
    ("./a", "/here/a"),
    ("/a/./b/../c", "/a/c"),
    ("~/a", "/home/me/a"),
    ("~/${x}", "(/home/me/ + x)"),
    ("./${x}", "(/here/ + x)"),
    ("./a/${x}b/c${x}", '(/here/a/ + x + "b/c" + x)'),
    ("/${x}", "(/ + x)"),
    ("<a>", '(__findFile __nixPath "a")'),
    ("<a/b.c>", '(__findFile __nixPath "a/b.c")'),
    ("<a> x", '(__findFile __nixPath "a" x)'),
    ("x", "x"),
    ("__curPos", "__curPos"),
    ("(((x)))", "x"),
    ("x y z", "(x y z)"),
    ("(x y) z", "(x y z)"),
    ("x (y z)", "(x (y z))"),
    ("x or", "(x or)"),
    ("x or y", "(x or y)"),
    ("x or y or z", "(x or (y or) z)"),
    ("[ x or y ]", "[ ((x or)) (y) ]"),
    ("x.a", "(x).a"),
    ("x.a.b", "(x).a.b"),
    ("x.a or y", "(x).a or (y)"),
    ("x.a or y.b or z", "(x).a or ((y).b or (z))"),
    ("x.a or y z", "((x).a or (y) z)"),
    ('x."a b".${y}.${"c"}."d${z}"', '(x)."a b"."${y}".c."${("d" + z)}"'),
    ("x.or", "(x).or"),
    ("x.if-not", "(x).if-not"),
    ("x ? a", "((x) ? a)"),
    ("x ? a.b ? c", "((((x) ? a.b)) ? c)"),
    ('x ? "a"', "((x) ? a)"),
    ("- x ? a", "(((__sub 0 x)) ? a)"),
    ("! x ? a", "(! ((x) ? a))"),
    ("- x y", "(__sub 0 (x y))"),
    ("- - x", "(__sub 0 (__sub 0 x))"),
    ("-x - -y", "(__sub (__sub 0 x) (__sub 0 y))"),
    ("! x == y", "((! x) == y)"),
    ("! x + y", "(! (x + y))"),
    ("! ! x", "(! (! x))"),
    ("x * ! y + z", "(__mul x (! (y + z)))"),
    ("x + - y * z", "(x + (__mul (__sub 0 y) z))"),
    ("x + y + z", "((x + y) + z)"),
    ("x - y - z", "(__sub (__sub x y) z)"),
    ("x * y / z", "(__div (__mul x y) z)"),
    ("x ++ y ++ z", "(x ++ (y ++ z))"),
    ("x // y // z", "(x // (y // z))"),
    ("x -> y -> z", "(x -> (y -> z))"),
    ("x || y && z || w", "((x || (y && z)) || w)"),
    ("x == y && z != w", "((x == y) && (z != w))"),
    ("x < y == z", "((__lessThan x y) == z)"),
    ("x <= y", "(! (__lessThan y x))"),
    ("x >= y", "(! (__lessThan x y))"),
    ("x > y", "(__lessThan y x)"),
    ("x < y || x > z", "((__lessThan x y) || (__lessThan z x))"),
    ("(x - y) z", "(__sub x y z)"),
    ("(x < y) z", "(__lessThan x y z)"),
    ("(x <= y) z", "((! (__lessThan y x)) z)"),
    ("(- x) y", "(__sub 0 x y)"),
    ("(x + y) z", "((x + y) z)"),
    ("x: x", "(x: x)"),
    ("x: y: x y", "(x: (y: (x y)))"),
    ("{ }: x", "({  }: x)"),
    ("{ a }: x", "({ a }: x)"),
    ("{ a, b }: x", "({ a, b }: x)"),
    ("{ b, a ? x, }: x", "({ a ? x, b }: x)"),
    ("{ ... }: x", "({ ... }: x)"),
    ("{ a, ... }: x", "({ a, ... }: x)"),
    ("x@{ a }: x", "({ a } @ x: x)"),
    ("{ a }@x: x", "({ a } @ x: x)"),
    ("{ a ? { b }: b }: x", "({ a ? ({ b }: b) }: x)"),
    ("{ }", "{ }"),
    ("{ a = x; }", "{ a = x; }"),
    ("{ a = x; b = y; }", "{ a = x; b = y; }"),
    ('{ b = x; a = y; "c d" = z; }', '{ a = y; b = x; "c d" = z; }'),
    ("{ a.b.c = x; a.b.d = y; }", "{ a = { b = { c = x; d = y; }; }; }"),
    ("{ a = { b = x; }; a = { c = y; }; }", "{ a = { b = x; c = y; }; }"),
    ("{ a = rec { b = x; }; a = { c = y; }; }", "{ a = rec { b = x; c = y; }; }"),
    ("{ a = { b = x; }; a = rec { c = y; }; }", "{ a = { b = x; c = y; }; }"),
    ("{ a = { inherit (x) p; }; a.q = y; }", "{ a = { inherit (x) p; q = y; }; }"),
    ("{ a = { ${x} = y; }; a.${z} = w; }", '{ a = { "${x}" = y; "${z}" = w; }; }'),
    ('{ ${x} = y; "${x}" = y; ${"s"} = z; "a${x}" = w; }', '{ s = z; "${x}" = y; "${(x)}" = y; "${("a" + x)}" = w; }'),
    ("{ ${x}.a = y; ${x}.b = z; }", '{ "${x}" = { a = y; }; "${x}" = { b = z; }; }'),
    ("{ inherit; }", "{ }"),
    ("{ inherit x y; }", "{ inherit x y; }"),
    ("{ inherit (x) b a; inherit (y) c; inherit z; d = w; }", "{ inherit z; inherit (x) a b; inherit (y) c; d = w; }"),
    ("{ inherit (x); }", "{ }"),
    ('{ inherit ({ a = x; }) "a" or; }', "{ inherit ({ a = x; }) a or; }"),
    ("{ or = x; }", "{ or = x; }"),
    ('{ "if" = x; "" = y; "1" = z; }', '{ "" = y; "1" = z; "if" = x; }'),
    ("rec { a = x; }", "rec { a = x; }"),
    ("[ ]", "[ ]"),
    ("[ x y ]", "[ (x) (y) ]"),
    ('[ (x y) x.a { } [ ] "s" ]', '[ ((x y)) ((x).a) ({ }) ([ ]) ("s") ]'),
    ("let in x", "(let in x)"),
    ("let a = x; in a", "(let a = x; in a)"),
    ("let a = x; b.c = y; inherit (z) d; in a", "(let inherit (z) d; a = x; b = { c = y; }; in a)"),
    ("let a.${x} = y; in a", '(let a = { "${x}" = y; }; in a)'),
    ("let { body = x; }", "(rec { body = x; }).body"),
    ("let { a = x; }.a", "((rec { a = x; }).body).a"),
    ("with x; y", "(with x; y)"),
    ("with x; with y; z", "(with x; (with y; z))"),
    ("assert x; y", "assert x; y"),
    ("assert x; y: z", "assert x; (y: z)"),
    ("if x then y else z", "(if x then y else z)"),
    ("if x then y else if z then x else w", "(if x then y else (if z then x else w))"),
    ("if x then y else z + w", "(if x then y else (z + w))"),
    ("{a=x;}.a", "({ a = x; }).a"),
    ("f{a=x;}", "(f { a = x; })"),
    ('f[x]"s"', '(f [ (x) ] "s")'),
    ("''\n\n  a\n    ${x}\n   b\n  ''", '("\\na\\n  " + x + "\\n b\\n")'),
    ("''${x}''", "(x)"),
    ("''${\"s\"}''", '"s"'),
    ("''a''$b''\\n'''c''", '("a" + "$" + "b" + "\\n" + "\'\'" + "c")'),
    ("''\n\ta\n  b''", '"\\ta\\n  b"'),
    ("1.2.3", "(1.2 0.3)"),
    ("x.a.b.c or y.d", "(x).a.b.c or ((y).d)"),
    ("/* c */ x # d", "x"),
    ("x/**/y", "(x y)"),
    ("a/b", "/here/a/b"),
    ("a-b", "a-b"),
    ("a -b", "(__sub a b)"),
    ("a- b", "(a- b)"),
    ("a/ b", "(__div a b)"),
    ("a //b", "(a // b)"),
    ("x:y:z", '"x:y:z"'),
]

REFUSED = [
    b"",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf1",
    b'"a\0b"',
    b"''a\0b''",
    b"\x0c1",
    b'"\\',
    b'"$',
    b"''\\",
    b"''$",
    b"1 #\r+ 2 3 +",
    b"./a//b",
    b"./a///b${x}",
    b"./a/${x}/",
    b"~/a/",
    b"a.b or",
    b"x or.y",
    b"f let a = 1; in a",
    b"{ a }",
    b"{ a, }",
    b"{ ... }",
    b"{ or }: 1",
    b"{ inherit ${x}; }",
    b"x: y z: z",
    b"a == b != c",
    b"a < b < c",
    b"a |> b",
    b"$x",
]


@pytest.mark.parametrize(("program", "expected"), ACCEPTED)
def test_tree(program: str, expected: str) -> None:
    assert tree(program) == expected


@pytest.mark.parametrize("program", REFUSED)
def test_refused(program: bytes) -> None:
    with pytest.raises(NixSyntaxError):
        read(program)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (b"1\0 anything", "1"),  # the generated parser of Nix takes a null byte for the end
        (b"# \0\n1", "1"),
        (b'"\xff"', '"\udcff"'),
        (b'"a\r\nb\rc"', '"a\\nb\\nc"'),
        (b"''\r\n  a\r\n  b''", '"\\r\\n  a\\r\\n  b"'),
        (b"1 #\r+ 2", "(1 + 2)"),
    ],
)
def test_unusual_bytes(program: bytes, expected: str) -> None:
    assert tree(program) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("x |> f", "(f x)"),
        ("x |> f y |> g", "(g (f y x))"),
        ("f <| x", "(f x)"),
        ("f <| g <| x + 1", "(f (g (x + 1)))"),
        ("a: a |> f", "(a: (f a))"),
        ("x -> y |> f", "(f (x -> y))"),
    ],
)
def test_pipe_operators(program: str, expected: str) -> None:
    assert tree(program, pipe_operators=True) == expected


@pytest.mark.parametrize("program", ["x |> f <| y", "f <| x |> g", "x |>", "|> f", "x |> y: y"])
def test_pipe_operators_refused(program: str) -> None:
    with pytest.raises(NixSyntaxError):
        read(program, pipe_operators=True)


DEPTH = 10_000
DEEP = {
    "parentheses": "(" * DEPTH + "1" + ")" * DEPTH,
    "lists": "[" * DEPTH + "]" * DEPTH,
    "functions": "x: " * DEPTH + "x",
    "patterns": "{ x }: " * DEPTH + "x",
    "defaults": "{ x ? " * DEPTH + "1" + " }: 1" * DEPTH,
    "left operators": "1 + " * DEPTH + "1",
    "right operators": "a -> " * DEPTH + "a",
    "negations": "! " * DEPTH + "a",
    "sets": "{ a = " * DEPTH + "1" + "; }" * DEPTH,
    "attribute path": "{ " + ".".join(["a"] * DEPTH) + " = 1; }",
    "selections": "a" + ".b" * DEPTH,
    "selection defaults": "a.b or " * DEPTH + "1",
    "strings": '"${' * DEPTH + "1" + '}"' * DEPTH,
    "indented strings": "''${" * DEPTH + "1" + "}''" * DEPTH,
    "paths": "./${" * DEPTH + "1" + "}" * DEPTH,
    "conditionals": "if a then b else " * DEPTH + "1",
    "lets": "let a = " * DEPTH + "1" + "; in a" * DEPTH,
    "withs": "with a; " * DEPTH + "a",
    "arguments": "f (" * DEPTH + "1" + ")" * DEPTH,
    "merges": "{ " + "a.b = { }; " * DEPTH + "}",
}


@pytest.mark.parametrize("program", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_gives_a_tree(program: str) -> None:
    assert tree(program)


@pytest.mark.parametrize("opening", ["(", "[", "{ a = ", "x: ", '"${', "''${", "if ", "let a = ", "! ", "./${"])
def test_deep_nesting_that_ends_early_is_a_syntax_error(opening: str) -> None:
    with pytest.raises(NixSyntaxError):
        read(opening * DEPTH)


def test_nesting_without_end_is_a_syntax_error_and_leaves_the_interpreter_as_it_was() -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(NixSyntaxError, match="nested too deeply"):
        read("(" * 300_000)
    assert sys.getrecursionlimit() == limit


# Properties

_WORDS = (
    "a b or x.y 1 2.5 .5 \"s\" \"${a}\" ''i'' ./p /p/${a} ~/h <n> u:v { } [ ] ( ) ; : , @ ? = == != < > <= >= && || "
    "-> // ++ + - * / ! if then else assert with let in rec inherit ${ ... . $ ' \" '' | & \\ # /* */ \n é \0"
)


@given(st.lists(st.sampled_from(_WORDS.split(" ")), max_size=12).map(" ".join))
def test_any_words_give_a_tree_or_a_syntax_error(program: str) -> None:
    try:
        read(program)
    except NixSyntaxError as error:
        assert error.render()


@given(st.binary(max_size=40))
def test_any_bytes_give_a_tree_or_a_syntax_error(program: bytes) -> None:
    try:
        read(program)
    except NixSyntaxError as error:
        assert error.render()


def print_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${") + '"'


_NAMES = st.sampled_from(["a", "b", "c-d", "e'"])
_LEAVES = st.one_of(
    _NAMES,
    st.integers(0, 2**63 - 1).map(str),
    st.sampled_from(["1.5", "/p/q", "<n>", "[ ]", "{ }", "__curPos"]),
    st.text("ab $\\{}\"'\n\t", max_size=6).map(print_text),
)


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "++", "//", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "->"])
    bindings = st.dictionaries(_NAMES, inner, max_size=3).map(
        lambda entries: " ".join(f"{name} = {value};" for name, value in entries.items())
    )
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda x: f"({x[0]}) {x[1]} ({x[2]})"),
        st.tuples(inner, inner).map(lambda x: f"(({x[0]}) ({x[1]}))"),
        st.tuples(_NAMES, inner).map(lambda x: f"({x[0]}: {x[1]})"),
        st.tuples(_NAMES, inner, inner).map(lambda x: f"({{ {x[0]} ? ({x[1]}), ... }}: {x[2]})"),
        st.tuples(inner, _NAMES, inner).map(lambda x: f"({x[0]}).{x[1]} or ({x[2]})"),
        st.tuples(inner, _NAMES).map(lambda x: f"(({x[0]}) ? {x[1]}.a)"),
        st.tuples(inner, inner, inner).map(lambda x: f"(if {x[0]} then {x[1]} else {x[2]})"),
        st.tuples(inner, inner).map(lambda x: f"(with {x[0]}; {x[1]})"),
        st.tuples(bindings, inner).map(lambda x: f"(let {x[0]} in {x[1]})"),
        bindings.map(lambda x: f"rec {{ {x} inherit f; }}"),
        st.tuples(inner, inner).map(lambda x: f"{{ inherit ({x[0]}) z; inherit ({x[1]}) y; }}"),
        st.lists(inner, max_size=3).map(lambda items: "[ " + " ".join(f"({item})" for item in items) + " ]"),
        inner.map(lambda x: f"(!({x}))"),
        inner.map(lambda x: f"(-({x}))"),
    )


# Without interpolation, which Nix prints as a sum. Every other tree is printed as a program that has this tree.
_PROGRAMS = st.recursive(_LEAVES, _composed, max_leaves=12)


@given(_PROGRAMS)
def test_printing_and_parsing_again_changes_nothing(program: str) -> None:
    printed = tree(program)
    assert tree(printed) == printed


@given(_PROGRAMS)
def test_parentheses_spaces_and_comments_change_nothing(program: str) -> None:
    assert tree(f"# a\n(/* b */\t{program}\r\n)/**/") == tree(program)
