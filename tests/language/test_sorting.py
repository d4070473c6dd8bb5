"""``builtins.sort``: a stable sort that asks the same questions as Nix 2.34, which a comparison can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.builtins.sorting import peek_sort

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers()), max_size=80)


@given(PAIRS, st.integers(0, 80), st.booleans())
def test_equal_values_keep_their_order(pairs: list[tuple[int, int]], cut: int, falling: bool) -> None:
    arranged = sorted(pairs[:cut], reverse=falling) + pairs[cut:]
    found = peek_sort(arranged, lambda one, other: one[0] < other[0])
    assert found == sorted(arranged, key=lambda pair: pair[0])


@given(st.lists(st.integers(), max_size=80), st.integers(1, 9))
def test_a_comparison_that_is_no_order_loses_nothing(values: list[int], factor: int) -> None:
    found = peek_sort(values, lambda one, other: (factor * one + other) % 3 == 0)
    assert sorted(found) == sorted(values)


# Lists, and the pairs that builtins.sort of Nix 2.34 compares.
COMPARED = {
    "two": ("2 1", "12"),
    "few": ("3 1 2", "13 23 21"),
    "falling": ("5 4 3 2 1", "45 35 34 25 24 23 15 14 13 12"),
    "mixed": ("1 3 2 5 4 7 6 0", "31 23 21 53 45 43 75 67 65 07 06 05 04 03 02 01"),
}


@pytest.mark.parametrize(("values", "expected"), COMPARED.values(), ids=COMPARED)
def test_what_is_compared(values: str, expected: str) -> None:
    pairs: list[str] = []

    def before(one: str, other: str) -> bool:
        pairs.append(one + other)
        return one < other

    assert peek_sort(values.split(), before) == sorted(values.split())
    assert " ".join(pairs) == expected
