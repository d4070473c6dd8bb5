"""Values as text."""

from __future__ import annotations

import pytest

from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.call_depth import start_levels
from system_manager.language.errors import StackOverflowError, ThrownError
from system_manager.language.printer import print_value, show_value
from system_manager.language.runtime import apply, defer, make_builtin
from system_manager.language.values import NixPath, StringWithContext

BUILTINS = {builtin.name: make_builtin(builtin) for family in PURE_BUILTINS for builtin in family.load()}


@pytest.fixture(autouse=True)
def _no_level_is_open() -> None:
    start_levels(10_000, 1, counting=True)


SHARED = {"a": 1}
LIST = (1,)

PRINTED = [
    (1, "1"),
    (-(2**63), "-9223372036854775808"),
    (True, "true"),
    (None, "null"),
    (NixPath("/a b"), "/a b"),
    ("", '""'),
    ('a\n\r\t\b"\\', '"a\\n\\r\\t\b\\"\\\\"'),
    ("$a ${b} $${c}", '"$a \\${b} $\\${c}"'),
    ("ä\udcff\x01", '"ä\udcff\x01"'),
    (StringWithContext("x", frozenset({"c"})), '"x"'),
    ((), "[ ]"),
    ({}, "{ }"),
    ((1, (2, ())), "[ 1 [ 2 [ ] ] ]"),
    ({"b": 1, "a": {"c": ()}}, "{ a = { c = [ ]; }; b = 1; }"),
    ({"": 1, "a b": 2, "1a": 3, "a'": 4, "a-b": 5, "_": 6, "-a": 7, "ä": 8, "if": 9, "or": 10, "a\n": 11},
     '{ "" = 1; "-a" = 7; "1a" = 3; _ = 6; "a\\n" = 11; "a b" = 2; a\' = 4; a-b = 5; "if" = 9; or = 10; "ä" = 8; }'),
    (defer(lambda: 1), "1"),
    ((defer(lambda: 1), 2), "[ <CODE> 2 ]"),
    ({"a": defer(lambda: 1)}, "{ a = <CODE>; }"),
    (lambda x: x, "<LAMBDA>"),
    (BUILTINS["map"], "<PRIMOP>"),
    (apply(BUILTINS["map"], 1), "<PRIMOP-APP>"),
    (apply(BUILTINS["foldl'"], 1), "<PRIMOP-APP>"),
    (apply(BUILTINS["foldl'"], 1, 2), "<PRIMOP-APP>"),
    ((SHARED, SHARED), "[ { a = 1; } «repeated» ]"),
    ((LIST, LIST), "[ [ 1 ] «repeated» ]"),
    (((), (), {}, {}), "[ [ ] [ ] { } { } ]"),
    ({"type": "derivation", "drvPath": "/x"}, '{ drvPath = "/x"; type = "derivation"; }'),
]  # fmt: skip

FLOATS = [
    (1.0, "1"),
    (1.5, "1.5"),
    (0.1, "0.1"),
    (1e10, "1e+10"),
    (123456789.0, "1.23457e+08"),
    (999999.5, "1e+06"),
    (100000.0, "100000"),
    (0.0001, "0.0001"),
    (0.00001, "1e-05"),
    (-0.0, "-0"),
    (float("inf"), "inf"),
    (float("-inf"), "-inf"),
    (float("nan"), "nan"),
    (-float("nan"), "-nan"),
]


@pytest.mark.parametrize(("value", "text"), PRINTED + FLOATS)
def test_printed(value: object, text: str) -> None:
    assert print_value(value) == text


def test_strict_printing_evaluates_everything() -> None:
    assert print_value({"a": defer(lambda: (defer(lambda: 1),))}, strict=True) == "{ a = [ 1 ]; }"


def test_strict_printing_fails_where_a_value_does() -> None:
    def fail() -> object:
        raise ThrownError("no")

    with pytest.raises(ThrownError):
        print_value((defer(fail),), strict=True)


def test_two_thunks_with_the_same_list_are_two_lists_but_sets_are_one_set() -> None:
    assert print_value((defer(lambda: LIST), defer(lambda: LIST)), strict=True) == "[ [ 1 ] [ 1 ] ]"
    assert print_value((defer(lambda: SHARED), defer(lambda: SHARED)), strict=True) == "[ { a = 1; } «repeated» ]"
    thunk = defer(lambda: LIST)
    assert print_value((thunk, thunk), strict=True) == "[ [ 1 ] «repeated» ]"


def test_values_that_contain_themselves() -> None:
    value: dict[str, object] = {}
    value["a"] = value
    assert print_value(value, strict=True) == "{ a = «repeated»; }"


def nested(depth: int) -> object:
    value: object = ()
    for _ in range(depth):
        value = (value,)
    return value


def test_deep_values_are_printed_without_recursion() -> None:
    assert print_value(nested(9_999), strict=True).count("[") == 10_000
    assert print_value(nested(100_000)).count("[") == 100_001


def test_values_without_an_end_are_refused() -> None:
    def endless() -> object:
        return {"inner": defer(endless)}

    with pytest.raises(StackOverflowError):
        print_value(endless(), strict=True)


SHOWN = [
    ((1, defer(lambda: 1)), "[ 1 «thunk» ]"),
    (BUILTINS["map"], "«primop map»"),
    (apply(BUILTINS["map"], 1), "«partially applied primop map»"),
    (tuple(range(100)), f"[ {' '.join(map(str, range(100)))} ]"),
    ("x" * 2000, f'"{"x" * 2000}"'),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_shown_by_trace(value: object, text: str) -> None:
    assert show_value(value) == text
