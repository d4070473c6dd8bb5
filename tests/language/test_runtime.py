"""Laws of values: thunks, equality, order, sets, strings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.attribute_keys import make_positioned_key
from system_manager.language.errors import EvaluationError, EvaluationTypeError, InfiniteRecursionError, ThrownError
from system_manager.language.runtime import (
    NixPath,
    StringWithContext,
    add,
    apply,
    attribute_position,
    coerce_to_string,
    concatenate_lists,
    defer,
    defer_apply,
    divide,
    equal,
    force,
    force_bool,
    force_deep,
    force_integer,
    force_list,
    force_string,
    less_than,
    make_string,
    multiply,
    restore_thunks,
    select,
    sorted_names,
    string_context,
    string_text,
    subtract,
    type_name,
    type_of,
    update,
)
from system_manager.language.source import Source

names = st.text(alphabet="abcdef", min_size=1, max_size=3)
integers = st.integers(-(2**63), 2**63 - 1)
contexts = st.frozensets(st.sampled_from(["p", "q", "r"]), max_size=2)
strings = st.builds(make_string, st.text(max_size=4), contexts)
scalars = (
    st.none() | st.booleans() | integers | st.floats(allow_nan=False) | strings | st.builds(NixPath, st.just("/p"))
)


def lazily(value: Any) -> Any:
    return defer(lambda: value)


values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
lazies = values | values.map(lazily)
sets = st.dictionaries(names, lazies, max_size=5)


@given(values)
def test_equality_is_reflexive(value: Any) -> None:
    assert equal(value, value)


@given(values, values)
def test_equality_is_symmetric(left: Any, right: Any) -> None:
    assert equal(left, right) is equal(right, left)


@given(values)
def test_equality_looks_through_thunks(value: Any) -> None:
    assert equal(lazily(value), value)


@given(strings, contexts)
def test_equality_of_strings_ignores_contexts(string: Any, context: frozenset[str]) -> None:
    assert equal(string, make_string(string_text(string), frozenset(context)))


@pytest.mark.parametrize(("left", "right"), [(True, 1), (False, 0), (None, False), ("", None), ((), {}), (1, "1")])
def test_values_of_different_types_differ(left: Any, right: Any) -> None:
    assert not equal(left, right)
    assert not equal((left,), (right,))


def test_integers_and_floats_compare_as_numbers() -> None:
    assert equal(1, 1.0)
    assert equal({"a": (1,)}, {"a": (1.0,)})
    assert less_than(1, 1.5)


orderable = st.lists(integers, max_size=4).map(tuple) | integers | st.text(max_size=4)


@given(st.one_of(*[st.tuples(kind, kind, kind) for kind in (integers, st.text(max_size=3), st.tuples(integers))]))
def test_order_is_strict_and_total(triple: tuple[Any, Any, Any]) -> None:
    a, b, c = triple
    assert [less_than(a, b), less_than(b, a), equal(a, b)].count(True) == 1
    if less_than(a, b) and less_than(b, c):
        assert less_than(a, c)


@pytest.mark.parametrize(("left", "right"), [(1, "a"), (None, None), ({}, {}), ((None,), (True,)), (True, False)])
def test_values_without_an_order(left: Any, right: Any) -> None:
    with pytest.raises(EvaluationTypeError, match="cannot compare"):
        less_than(left, right)


@given(sets, sets, sets)
def test_update_is_associative(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    assert update(update(a, b), c) == update(a, update(b, c))


@given(sets, sets)
def test_update_prefers_the_right(a: dict[str, Any], b: dict[str, Any]) -> None:
    merged = update(b, a)
    assert merged == {**a, **b}
    assert sorted_names(merged) == sorted({*a, *b})


@given(st.lists(names, unique=True, min_size=1), st.lists(names, unique=True, min_size=1))
def test_update_keeps_the_positions_of_the_right(left: list[str], right: list[str]) -> None:
    text = Source("x" * 40, "/file.nix", "/")
    a = {make_positioned_key(name, text, 1): 1 for name in left}
    b = {make_positioned_key(name, text, 2): 2 for name in right}
    merged = update(b, a)
    for name in merged:
        position = attribute_position(merged, name)
        assert position is not None
        assert position.offset == (2 if name in right else 1)


@given(st.lists(lazies).map(tuple), st.lists(lazies).map(tuple))
def test_concatenation_keeps_all_elements(a: tuple[Any, ...], b: tuple[Any, ...]) -> None:
    assert concatenate_lists(a, b) == (*a, *b)


@given(integers, integers)
def test_arithmetic_is_exact_or_an_error(a: int, b: int) -> None:
    for operation, exact in ((add, a + b), (subtract, a - b), (multiply, a * b)):
        if -(2**63) <= exact < 2**63:
            assert operation(a, b) == exact
        else:
            with pytest.raises(EvaluationError, match="integer overflow"):
                operation(a, b)


@given(integers, integers.filter(bool))
def test_division_truncates(a: int, b: int) -> None:
    if a == -(2**63) and b == -1:
        with pytest.raises(EvaluationError, match="integer overflow"):
            divide(a, b)
    else:
        quotient = divide(a, b)
        assert abs(a - quotient * b) < abs(b)
        assert quotient == 0 or (quotient < 0) == ((a < 0) != (b < 0))


@given(strings, strings)
def test_adding_strings_adds_contexts(a: Any, b: Any) -> None:
    total = add(a, b)
    assert string_text(total) == string_text(a) + string_text(b)
    assert string_context(total) == string_context(a) | string_context(b)


@given(strings)
def test_a_string_without_context_is_a_plain_one(string: Any) -> None:
    assert isinstance(string, StringWithContext) is bool(string_context(string))


def test_a_thunk_is_computed_once() -> None:
    calls: list[int] = []
    thunk = defer(lambda: calls.append(1) or len(calls))
    assert (force(thunk), force(thunk), calls) == (1, 1, [1])


def test_a_thunk_that_needs_itself() -> None:
    cell: list[Any] = []
    cell.append(defer(lambda: force(cell[0])))
    with pytest.raises(InfiniteRecursionError):
        force(cell[0])


def test_a_restored_thunk_fails_in_the_same_way_again() -> None:
    def fail() -> None:
        raise ThrownError("broken")

    outer = defer(lambda: force(inner))
    inner = defer(fail)
    for _ in range(2):
        with pytest.raises(ThrownError, match="broken") as caught:
            force(outer)
        restore_thunks(caught.value)
    with pytest.raises(ThrownError, match="broken"):
        force(inner)


def test_forcing_deeply_ends_at_values_that_contain_themselves() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = defer(lambda: loop)
    loop["list"] = (defer(lambda: 1), loop)
    assert force_deep(loop) is loop
    assert force(loop["list"][0]) == 1


def test_application() -> None:
    def subtract_from(first: Any) -> Any:
        return lambda second: force(first) - force(second)

    functor = {"__functor": lambda self: subtract_from(self["from"]), "from": 10}
    assert apply(subtract_from, 5, 3) == 2
    assert apply(functor, lazily(4)) == 6
    assert force(defer_apply(subtract_from, 5, 3)) == 2
    with pytest.raises(EvaluationTypeError, match="not a function but an integer: 1"):
        apply(1, 2)


@pytest.mark.parametrize(
    ("function", "value", "message"),
    [
        (force_integer, True, "expected an integer but found a Boolean: true"),
        (force_integer, 1.0, "expected an integer but found a float: 1"),
        (force_bool, 1, "expected a Boolean but found an integer: 1"),
        (force_string, None, "expected a string but found null: null"),
        (force_string, NixPath("/x"), "expected a string but found a path: /x"),
        (force_list, {"a": 1}, "expected a list but found a set: { a = 1; }"),
        (force_list, lazily("a"), 'expected a list but found a string: "a"'),
    ],
)
def test_wrong_types(function: Any, value: Any, message: str) -> None:
    with pytest.raises(EvaluationTypeError) as caught:
        function(value, "while testing")
    assert (caught.value.what, caught.value.note) == (message, "while testing")


def test_selecting_what_is_missing_suggests_names() -> None:
    with pytest.raises(EvaluationError, match="attribute 'nmae' missing") as caught:
        select({"name": 1, "other": 2}, "nmae")
    assert caught.value.suggestions == ("name",)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "1"), (False, ""), (-5, "-5"), (1.5, "1.500000"), ((1, "a", None), "1 a "),
        (((), 1), " 1"[1:]), ((1, (), 2), "1 2"), ({"outPath": "/p"}, "/p"), ({"__toString": lambda s: "x"}, "x"),
    ],
)  # fmt: skip
def test_to_string(value: Any, text: str) -> None:
    assert coerce_to_string(value, copy_to_store=False, coerce_more=True) == text


@pytest.mark.parametrize("value", [1, None, True, (), {}, 1.0, len])
def test_interpolation_accepts_fewer_types(value: Any) -> None:
    if value is len:
        value = lambda x: x  # noqa: E731
    with pytest.raises(EvaluationTypeError, match="cannot coerce"):
        coerce_to_string(value, copy_to_store=True, coerce_more=False)


@given(values)
def test_every_value_has_a_type(value: Any) -> None:
    assert type_of(value) in {"null", "bool", "int", "float", "string", "path", "list", "set"}
    assert type_name(value)
