"""The lexer: where tokens end, and that no text is too much for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language import lexer
from system_manager.language.formats import json_reader
from system_manager.language.lexer import tokenize
from system_manager.language.source import Source
from system_manager.language.tokens import IndentedPart, TokenKind


def tokens(text: str) -> list[tuple[str, object]]:
    """Kind and value of each token but the last."""
    found = tokenize(Source(text, "«string»", "/"))
    assert found.kinds[-1] is TokenKind.END
    return [(kind.name, value) for kind, value in zip(found.kinds[:-1], found.values, strict=False)]


def kinds(text: str) -> str:
    return " ".join(kind for kind, _ in tokens(text))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("abc", "IDENTIFIER", "abc"),
        ("a'-b_1", "IDENTIFIER", "a'-b_1"),
        ("orange", "IDENTIFIER", "orange"),
        ("or", "OR_KEYWORD", "or"),
        ("0", "INTEGER", 0),
        ("007", "INTEGER", 7),
        ("0" * 5000 + "1", "INTEGER", 1),
        ("9223372036854775807", "INTEGER", 2**63 - 1),
        ("1.", "FLOAT", 1.0),
        (".5", "FLOAT", 0.5),
        ("0.5", "FLOAT", 0.5),
        ("12.5e-3", "FLOAT", 0.0125),
        ("1.e+2", "FLOAT", 100.0),
        ("0.0e-9999999", "FLOAT", 0.0),
        ('"a b"', "STRING", "a b"),
        (r'"\n\t\r\"\\\$\q"', "STRING", '\n\t\r"\\$q'),
        ('"$"', "STRING", "$"),
        ('"$${a}"', "STRING", "$${a}"),
        ('"a\r\nb\rc"', "STRING", "a\nb\nc"),
        ("./a", "PATH", "./a"),
        ("a/b", "PATH", "a/b"),
        ("-a/b", "PATH", "-a/b"),
        ("+/b", "PATH", "+/b"),
        ("1/2", "PATH", "1/2"),
        ("a.b+c-d_e/f", "PATH", "a.b+c-d_e/f"),
        (".../a", "PATH", ".../a"),
        ("~/a.b/c", "PATH", "~/a.b/c"),
        ("<a/b.c>", "SEARCH_PATH", "a/b.c"),
        ("a:b", "URI", "a:b"),
        ("x+y.z-1:'q'", "URI", "x+y.z-1:'q'"),
        ("http://a.b/c?d=e&f=%20", "URI", "http://a.b/c?d=e&f=%20"),
    ],
)
def test_one_token(text: str, kind: str, value: object) -> None:
    assert tokens(text) == [(kind, value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: y", "IDENTIFIER COLON IDENTIFIER"),
        ("x:(y)", "IDENTIFIER COLON LEFT_PARENTHESIS IDENTIFIER RIGHT_PARENTHESIS"),
        ("a_b:c", "IDENTIFIER COLON IDENTIFIER"),
        ("_a:c", "IDENTIFIER COLON IDENTIFIER"),
        ("1a:b", "INTEGER URI"),
        ("a.b.c", "IDENTIFIER DOT IDENTIFIER DOT IDENTIFIER"),
        ("a.b/c", "PATH"),
        ("(a).b/c", "LEFT_PARENTHESIS IDENTIFIER RIGHT_PARENTHESIS PATH"),
        ("a'b/c", "IDENTIFIER PATH"),
        ("a/ b", "IDENTIFIER DIVIDE IDENTIFIER"),
        ("a //b", "IDENTIFIER UPDATE IDENTIFIER"),
        ("a//b", "IDENTIFIER UPDATE IDENTIFIER"),
        ("a -b", "IDENTIFIER MINUS IDENTIFIER"),
        ("a-b", "IDENTIFIER"),
        ("1-2", "INTEGER MINUS INTEGER"),
        ("1.2.3", "FLOAT FLOAT"),
        ("00.5", "INTEGER FLOAT"),
        ("0.a", "INTEGER DOT IDENTIFIER"),
        ("1e5", "INTEGER IDENTIFIER"),
        ("a...b", "IDENTIFIER ELLIPSIS IDENTIFIER"),
        ("a..b", "IDENTIFIER DOT DOT IDENTIFIER"),
        ("a+++b", "IDENTIFIER CONCATENATE PLUS IDENTIFIER"),
        ("a->b", "IDENTIFIER GREATER IDENTIFIER"),
        ("a ->b", "IDENTIFIER IMPLIES IDENTIFIER"),
        ("===", "EQUAL ASSIGN"),
        ("!==", "NOT_EQUAL ASSIGN"),
        ("<=>", "LESS_OR_EQUAL GREATER"),
        ("a<b>c", "IDENTIFIER SEARCH_PATH IDENTIFIER"),
        ("a<b >c", "IDENTIFIER LESS IDENTIFIER GREATER IDENTIFIER"),
        ("/**/a/***/b/* * */c#d\ne", "IDENTIFIER IDENTIFIER IDENTIFIER IDENTIFIER"),
        ("#a\rb", "IDENTIFIER"),
        ("${a}", "INTERPOLATION IDENTIFIER RIGHT_BRACE"),
        ('"a${b}c"', "STRING_OPEN STRING_PART INTERPOLATION IDENTIFIER RIGHT_BRACE STRING_PART STRING_CLOSE"),
        ('"${{}}"', "STRING_OPEN INTERPOLATION LEFT_BRACE RIGHT_BRACE RIGHT_BRACE STRING_CLOSE"),
        ("./${a}", "PATH_OPEN INTERPOLATION IDENTIFIER RIGHT_BRACE PATH_CLOSE"),
        ("./a${b}c/d", "PATH_OPEN INTERPOLATION IDENTIFIER RIGHT_BRACE PATH_PART PATH_CLOSE"),
        ("a/${b}", "PATH_OPEN INTERPOLATION IDENTIFIER RIGHT_BRACE PATH_CLOSE"),
        ("a//${b}", "IDENTIFIER UPDATE INTERPOLATION IDENTIFIER RIGHT_BRACE"),
        ("}}", "RIGHT_BRACE RIGHT_BRACE"),
        ("é", "UNKNOWN"),
        ("1\0 2", "INTEGER"),
    ],
)
def test_where_tokens_end(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("''a''", [("a", True)]),
        ("''  \n  a\n''", [("  a\n", True)]),
        ("'' \t\n''", [(" \t\n", True)]),
        ("''\r\na''", [("\r\na", True)]),
        ("''a'''b''", [("a", True), ("''", False), ("b", True)]),
        ("''a''$b''", [("a", True), ("$", False), ("b", True)]),
        ("''a''\\nb''", [("a", True), ("\n", False), ("b", True)]),
        ("''a''\\qb''", [("a", True), ("q", False), ("b", True)]),
        ("''a'b $c $$''", [("a'b $c $$", True)]),
        ("''$''", [("$", False)]),
        ("''a' ''", [("a' ", True)]),
    ],
)
def test_parts_of_indented_strings(text: str, parts: list[tuple[str, bool]]) -> None:
    found = [value for _, value in tokens(text) if isinstance(value, IndentedPart)]
    assert [(part.text, part.verbatim) for part in found] == parts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"a', "not closed"),
        ("''a", "not closed"),
        ('"a${b', None),  # that is for the parser to say
        ("/* a", "not closed"),
        ("9223372036854775808", "does not fit into 64 bits"),
        ("9" * 100_000, "does not fit into 64 bits"),
        ("1.0e400", "does not fit into a float"),
        ("1.0e-320", "does not fit into a float"),
        ("./a/", "ends with a slash"),
        ("./a/ b", "ends with a slash"),
        ("./${a}/", "ends with a slash"),
        ('"\0"', "null byte"),
        ("''\0''", "null byte"),
    ],
)
def test_text_that_cannot_be_read_is_the_last_token(text: str, message: str | None) -> None:
    invalid = [value for kind, value in tokens(text) if kind == "INVALID"]
    assert [message in str(value) for value in invalid] == ([True] if message else [])


_PIECES = "a. a_. a.b_ / + ' /* <a <a/ a: $ 1. # ~/ a- ! .. * /** '' ./a/ 1e a:b_ \" ${ \\ \0 é <| _ - ''' ''$"


@pytest.mark.parametrize("piece", [*_PIECES.split(" "), " ", "\n", "'' ''$ ", '"a" ', "a.b/ "])
def test_garbage_takes_no_time(piece: str) -> None:
    # Hours, if any rule went back over what it has seen, or looked ahead without a bound.
    text = (piece * 100_000)[:100_000]
    found = tokenize(Source(text, "«string»", "/"))
    assert found.offsets[-1] == len(text)


def test_no_group_is_repeated_possessively() -> None:
    # Python 3.11.2, that of Debian 12, matches such a group wrongly (gh-106052), and most tests run on another.
    patterns = [value for module in (lexer, json_reader) for value in vars(module).values()]
    texts = [value.pattern for value in patterns if isinstance(value, re.Pattern)]
    assert len(texts) > 10
    assert [text for text in texts if re.search(r"\)(?:[*+?]|\{[0-9,]*\})\+", text)] == []


@given(st.text(st.sampled_from("ab1._-+/:~<>'\"$\\{}#* \n\r\té\0"), max_size=60))
def test_offsets_grow_and_text_is_covered(text: str) -> None:
    found = tokenize(Source(text, "«string»", "/"))
    ordered = [offset for kind, offset in zip(found.kinds, found.offsets, strict=True) if kind is not TokenKind.INVALID]
    assert ordered == sorted(ordered)
    assert len(found.kinds) == len(found.values) == len(found.offsets)
