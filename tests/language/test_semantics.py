"""Laziness, scoping, equality, functions and errors, one expression a line, as real Nix evaluates them.

``semantics/expressions.txt`` holds the expressions, ``semantics/results.txt`` line by line what they evaluate to, or
``!`` and the class of the error. The results are ours; the oracle confirms them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.language.errors import EvaluationError, InternalError
from system_manager.language.evaluator import Evaluator
from tests.language.evaluation import evaluate, make_evaluator
from tests.support.oracle import Oracle

DIRECTORY = Path(__file__).parent / "semantics"
EXPRESSIONS = DIRECTORY.joinpath("expressions.txt").read_text().splitlines()
RESULTS = DIRECTORY / "results.txt"


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return make_evaluator()


def outcome(expression: str, evaluator: Evaluator) -> str:
    try:
        return evaluate(expression, evaluator)
    except InternalError:
        raise
    except EvaluationError as error:
        return f"! {type(error).__name__}"


def test_expressions_evaluate_as_recorded(evaluator: Evaluator, accept: bool) -> None:
    outcomes = [outcome(expression, evaluator) for expression in EXPRESSIONS]
    if accept:
        RESULTS.write_text("\n".join(outcomes) + "\n")
    recorded = RESULTS.read_text().splitlines()
    assert dict(zip(EXPRESSIONS, outcomes, strict=True)) == dict(zip(EXPRESSIONS, recorded, strict=True))


# Nix evaluates one expression a line and prints its value, or "!" for any failure.
_EVALUATE_LINES = """
while IFS= read -r line; do
    timeout 60 nix-instantiate --eval --strict --expr "$line" 2>/dev/null || echo '!'
done
"""


@pytest.mark.oracle
def test_nix_agrees(oracle: Oracle) -> None:
    result = oracle.run(["sh", "-c", _EVALUATE_LINES], input="".join(f"{line}\n" for line in EXPRESSIONS))
    recorded = [line if line[0] != "!" else "!" for line in RESULTS.read_text().splitlines()]
    assert dict(zip(EXPRESSIONS, recorded, strict=True)) == dict(
        zip(EXPRESSIONS, result.stdout.splitlines(), strict=True)
    )
