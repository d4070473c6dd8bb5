"""A short look for differences from real Nix, the same every time; ``make fuzz`` looks for new ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.fuzzing.__main__ import KINDS, batch, differences
from tests.language.fuzzing.comparison import Comparison, evaluate
from tests.language.fuzzing.programs import Node, generate, leaf
from tests.support.oracle import Oracle

programs = st.randoms(use_true_random=False).map(lambda source: generate(source, 4))


@pytest.fixture
def comparison(oracle: Oracle) -> Iterator[Comparison]:
    with Comparison.start(oracle) as started:
        yield started


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
def test_ends_as_in_nix(comparison: Comparison, kind: str) -> None:
    found = [comparison.shrink(difference) for difference in differences(comparison, kind, batch(kind, 1))]
    assert [*map(str, found)] == []


@pytest.mark.oracle
def test_a_difference_is_found_and_shrunk(comparison: Comparison) -> None:
    # The only thing that the two must disagree about is what they are.
    program = Node(("[ (", leaf('if true then "a${builtins.nixVersion}" else 1'), ") ", leaf("{ b = [ 2 3 ]; }"), " ]"))
    [difference] = comparison.differences([leaf("1 + 1"), program])
    assert difference.program == program
    assert "b = " not in str(comparison.shrink(difference).program)


@given(programs)
@settings(max_examples=60, deadline=None)
def test_compiled_code_that_was_kept_does_what_it_did(tmp_path_factory: pytest.TempPathFactory, program: Node) -> None:
    directory = tmp_path_factory.mktemp("fuzzed")
    file = directory / "program.nix"
    file.write_text(str(program))
    first, second = (evaluate([str(file)], directory / "code") for _ in range(2))
    assert first == second
    assert "a fault of the evaluator" not in str(first)


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=5))
@settings(max_examples=50, deadline=None)
def test_a_seed_is_a_program_and_shrinks_to_others(seed: int, size: int) -> None:
    program = generate(random.Random(seed), size)
    assert program == generate(random.Random(seed), size)
    assert all(str(smaller) != str(program) for smaller, _ in zip(program.smaller(), range(50), strict=False))
