"""Our evaluator on the corpus: values as real Nix printed them, errors as we word them."""

from __future__ import annotations

import pytest

from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.effects import NoEffects
from system_manager.language.errors import EvaluationError, InternalError
from system_manager.language.evaluator import Evaluator
from system_manager.language.printer import print_value
from system_manager.language.source import Source
from tests.language.corpus import INSIDE, Case, compare, failing, succeeding


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return Evaluator(builtins=PURE_BUILTINS, effects=NoEffects())


def evaluate(evaluator: Evaluator, case: Case) -> str:
    source = Source.from_bytes(case.program.read_bytes(), case.inside, f"{INSIDE}/{case.program.parent.name}")
    return evaluator.run(lambda: print_value(evaluator.evaluate(source), strict=True))


@pytest.mark.parametrize("case", succeeding(), ids=lambda case: case.name)
def test_value(evaluator: Evaluator, case: Case) -> None:
    compare(evaluate(evaluator, case) + "\n", case.output, accept=False)


@pytest.mark.parametrize("case", failing(), ids=lambda case: case.name)
def test_error(evaluator: Evaluator, case: Case, accept: bool) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(evaluator, case)
    error = caught.value
    assert not isinstance(error, InternalError), error.render()
    compare(f"{type(error).__name__}\n{error.render()}\n", case.error, accept=accept)
