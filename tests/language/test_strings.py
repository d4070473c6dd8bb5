"""Builtins on strings: bytes, contexts, laziness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.byte_strings import byte_length, byte_view, from_byte_view, rejoin
from system_manager.language.errors import EvaluationError, EvaluationTypeError, ThrownError
from system_manager.language.runtime import defer
from system_manager.language.values import NixPath, StringWithContext

BUILTINS = {builtin.name: builtin.function for family in PURE_BUILTINS for builtin in family.load()}


def call(name: str, *arguments: object) -> object:
    return BUILTINS[name](*arguments)


def context(text: str, *elements: object) -> StringWithContext:
    return StringWithContext(text, frozenset(elements))


def fail() -> object:
    raise ThrownError("evaluated")


CALLS = [
    ("stringLength", ("",), 0),
    ("stringLength", ("abc",), 3),
    ("stringLength", ("ä",), 2),
    ("stringLength", ("😀\udcff",), 5),
    ("substring", (0, 3, "nixos"), "nix"),
    ("substring", (2, 0, "nixos"), ""),
    ("substring", (1, -5, "abc"), "bc"),
    ("substring", (100, 1, "abc"), ""),
    ("substring", (3, 1, "abc"), ""),
    ("substring", (0, 2**63 - 1, "abc"), "abc"),
    ("substring", (2**63 - 1, 2**63 - 1, "abc"), ""),
    ("substring", (0, 2, "äb"), "ä"),
    ("substring", (0, 1, "äb"), "\udcc3"),
    ("substring", (1, 1, "äb"), "\udca4"),
    ("substring", (2, 1, "äb"), "b"),
    ("concatStringsSep", (",", ()), ""),
    ("concatStringsSep", (",", ("a",)), "a"),
    ("concatStringsSep", (", ", ("a", "b", "")), "a, b, "),
    ("concatStringsSep", ("", ("\udcc3", "\udca4")), "ä"),
    ("replaceStrings", (("oo", "a"), ("a", "i"), "foobar"), "fabir"),
    ("replaceStrings", (("ab", "abc"), ("1", "2"), "abcab"), "1c1"),
    ("replaceStrings", (("abc", "ab"), ("1", "2"), "abcab"), "12"),
    ("replaceStrings", (("",), ("-",), "abc"), "-a-b-c-"),
    ("replaceStrings", (("",), ("-",), ""), "-"),
    ("replaceStrings", (("a", ""), ("x", "-"), "abc"), "x-b-c-"),
    ("replaceStrings", (("", "a"), ("-", "x"), "abc"), "-a-b-c-"),
    ("replaceStrings", (("a", "a"), ("1", "2"), "aa"), "11"),
    ("replaceStrings", (("",), ("-",), "ä"), "-\udcc3-\udca4-"),
    ("replaceStrings", (("\udca4",), ("\udca5",), "ä"), "å"),
    ("replaceStrings", ((), (), "abc"), "abc"),
    ("replaceStrings", ((".", "*"), ("\\.", "\\*"), "a.b*"), "a\\.b\\*"),
    ("baseNameOf", ("/a/b",), "b"),
    ("baseNameOf", ("/a/b/",), "b"),
    ("baseNameOf", ("a//",), ""),
    ("baseNameOf", ("/",), ""),
    ("baseNameOf", ("",), ""),
    ("baseNameOf", (NixPath("/a/b"),), "b"),
    ("dirOf", ("/a/b",), "/a"),
    ("dirOf", ("/a",), "/"),
    ("dirOf", ("a",), "."),
    ("dirOf", ("",), "."),
    ("dirOf", ("a//b",), "a/"),
    ("dirOf", (NixPath("/a/b"),), NixPath("/a")),
    ("dirOf", (NixPath("/a"),), NixPath("/")),
    ("dirOf", (NixPath("/"),), NixPath("/")),
    ("hashString", ("md5", ""), "d41d8cd98f00b204e9800998ecf8427e"),
    ("hashString", ("sha1", "ä"), "961fa22f61a56e19f3f5f8867901ac8cf5e6d11f"),
    ("hashString", ("sha256", ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("toString", (None,), ""),
    ("toString", (False,), ""),
    ("toString", (True,), "1"),
    ("toString", (1.5,), "1.500000"),
    ("toString", ((1, (), ("a", (None,)), True),), "1 a  1"),
    ("toString", (NixPath("/a"),), "/a"),
    ("toString", ({"outPath": "/x"},), "/x"),
    ("toString", ({"__toString": lambda this: this["a"], "a": "b", "outPath": "c"},), "b"),
    ("hasContext", ("a",), False),
    ("hasContext", (StringWithContext("a", frozenset({"x"})),), True),
    ("unsafeDiscardStringContext", (StringWithContext("a", frozenset({"x"})),), "a"),
]


@pytest.mark.parametrize(("name", "arguments", "result"), CALLS)
def test_call(name: str, arguments: tuple[object, ...], result: object) -> None:
    found = call(name, *arguments)
    assert found == result
    assert type(found) is type(result)


FAILING = [
    ("stringLength", (1,), EvaluationTypeError, "cannot coerce an integer to a string: 1"),
    ("substring", (-1, 1, "a"), EvaluationError, "negative start position in 'substring'"),
    ("substring", ("a", 1, "a"), EvaluationTypeError, 'expected an integer but found a string: "a"'),
    ("concatStringsSep", (1, ()), EvaluationTypeError, "expected a string but found an integer: 1"),
    ("concatStringsSep", (",", (1,)), EvaluationTypeError, "cannot coerce an integer to a string: 1"),
    ("concatStringsSep", (",", "a"), EvaluationTypeError, 'expected a list but found a string: "a"'),
    ("replaceStrings", (("a",), (), "a"), EvaluationError, "have different lengths"),
    ("replaceStrings", ((1,), ("a",), "a"), EvaluationTypeError, "expected a string but found an integer: 1"),
    ("replaceStrings", (("a",), (1,), "a"), EvaluationTypeError, "expected a string but found an integer: 1"),
    ("replaceStrings", (("a",), ("b",), 1), EvaluationTypeError, "expected a string but found an integer: 1"),
    ("hashString", ("sha3", "a"), EvaluationError, "unknown hash algorithm 'sha3'"),
    ("hashString", (context("sha1", "x"), "a"), EvaluationTypeError, "not allowed to refer to a store path"),
    ("toString", (lambda x: x,), EvaluationTypeError, "cannot coerce a function to a string"),
    ("toString", ({},), EvaluationTypeError, "cannot coerce a set to a string: { }"),
    ("match", ("(", "a"), EvaluationError, "invalid regular expression '('"),
    ("split", ("a{100000}", "a"), EvaluationError, "memory limit exceeded by regular expression 'a{100000}'"),
    ("match", (context("a", "x"), "a"), EvaluationTypeError, "not allowed to refer to a store path"),
    ("dirOf", (1,), EvaluationTypeError, "cannot coerce an integer to a string: 1"),
    ("hasContext", (1,), EvaluationTypeError, "expected a string but found an integer: 1"),
]


@pytest.mark.parametrize(("name", "arguments", "error", "message"), FAILING)
def test_failing_call(name: str, arguments: tuple[object, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call(name, *arguments)
    assert message in caught.value.what


CONTEXTS = [
    ("substring", (0, 0, context("abc", "x")), context("", "x")),
    ("substring", (1, 1, context("abc", "x")), context("b", "x")),
    ("concatStringsSep", (context(",", "s"), (context("a", "x"), "b")), context("a,b", "s", "x")),
    ("concatStringsSep", (context(",", "s"), ()), context("", "s")),
    # Only a replacement that was used leaves its context.
    ("replaceStrings", (("a", "z"), (context("1", "x"), context("2", "y")), context("a", "s")), context("1", "s", "x")),
    ("baseNameOf", (context("/a/b", "x"),), context("b", "x")),
    ("dirOf", (context("/a/b", "x"),), context("/a", "x")),
    ("toString", ((context("a", "x"), context("b", "y")),), context("a b", "x", "y")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "result"), CONTEXTS)
def test_contexts_follow_their_strings(name: str, arguments: tuple[object, ...], result: StringWithContext) -> None:
    found = call(name, *arguments)
    assert isinstance(found, StringWithContext)
    assert (found.text, found.context) == (result.text, result.context)


def test_parts_of_matches_have_no_context() -> None:
    assert call("match", "(a)", context("a", "x")) == ("a",)
    assert call("split", "b", context("abc", "x")) == ("a", (), "c")
    (whole,) = call("split", "x", context("abc", "x"))
    assert isinstance(whole, StringWithContext)


def test_a_replacement_that_is_not_used_is_not_evaluated() -> None:
    assert call("replaceStrings", ("a", "z"), ("1", defer(fail)), "abc") == "1bc"


def test_a_replacement_is_evaluated_once() -> None:
    count: list[int] = []

    def replacement() -> str:
        count.append(1)
        return "x"

    assert call("replaceStrings", ("a",), (defer(replacement),), "aaa") == "xxx"
    assert count == [1]


BYTES = st.binary(max_size=12).map(lambda data: data.decode("utf-8", "surrogateescape"))


@given(BYTES)
def test_the_byte_view_is_the_bytes(text: str) -> None:
    view = byte_view(text)
    assert view.encode("latin-1") == text.encode("utf-8", "surrogateescape")
    assert from_byte_view(view) == text
    assert byte_length(text) == len(view) == call("stringLength", text)


@given(BYTES, st.integers(0, 14), st.integers(0, 14))
def test_substring_counts_bytes(text: str, start: int, length: int) -> None:
    part = call("substring", start, length, text)
    assert part.encode("utf-8", "surrogateescape") == text.encode("utf-8", "surrogateescape")[start : start + length]


@given(BYTES)
def test_bytes_that_were_taken_apart_come_together_again(text: str) -> None:
    parts = tuple(call("substring", n, 1, text) for n in range(byte_length(text)))
    assert call("concatStringsSep", "", parts) == text
    assert rejoin("".join(parts)) == text


@given(BYTES, st.lists(st.tuples(BYTES, BYTES), max_size=4))
def test_replacing_is_what_it_says(text: str, pairs: list[tuple[str, str]]) -> None:
    data = text.encode("utf-8", "surrogateescape")
    patterns = [(a.encode("utf-8", "surrogateescape"), b.encode("utf-8", "surrogateescape")) for a, b in pairs]
    result, position = b"", 0
    while position <= len(data):
        for pattern, replacement in patterns:
            if data.startswith(pattern, position):
                result += replacement
                break
        else:
            pattern = b""
        if not pattern:
            result += data[position : position + 1]
        position += len(pattern) or 1
    found = call("replaceStrings", tuple(a for a, _ in pairs), tuple(b for _, b in pairs), text)
    assert found.encode("utf-8", "surrogateescape") == result
