"""Our evaluator and real Nix on the corpus below ``cases``; :mod:`tests.support.corpus` says what its files mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from system_manager.language.evaluator import Evaluator
from system_manager.language.parser import parse
from system_manager.language.printer import print_value
from system_manager.language.source import Source
from system_manager.language.syntax_printer import print_syntax
from tests.language.evaluation import make_evaluator
from tests.support.answers import Answer, ask
from tests.support.corpus import NEWEST, STABLE, Case, Ending, cases
from tests.support.oracle import Oracle

DIRECTORY = Path(__file__).parent / "cases"
# The directory that programs see, so that paths and positions in the expected output hold anywhere.
INSIDE = "/cases"
CASES = cases(DIRECTORY)


def inside(case: Case) -> str:
    return f"{INSIDE}/{case}.nix"


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return make_evaluator()


@pytest.fixture(scope="module")
def answers(nix_of: Callable[[str], Oracle]) -> Callable[[str], dict[str, Answer]]:
    """What a version of Nix makes of every case."""
    known: dict[str, dict[str, Answer]] = {}

    def of(version: str) -> dict[str, Answer]:
        if version not in known:
            oracle = nix_of(version)
            oracle.share(DIRECTORY, INSIDE)
            unfinished = [inside(case) for case in CASES if case.recorded().startswith("NixSyntaxError")]
            found = ask(oracle, [*map(inside, CASES)], unfinished=unfinished)
            known[version] = dict(zip(map(str, CASES), found, strict=True))
        return known[version]

    return of


def evaluate(evaluator: Evaluator, case: Case) -> str:
    source = Source.from_bytes(case.program.read_bytes(), inside(case), f"{INSIDE}/{case.program.parent.name}")
    return evaluator.run(lambda: print_value(evaluator.evaluate(source), strict=True))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_ends_as_recorded(evaluator: Evaluator, case: Case, accept: bool, request: pytest.FixtureRequest) -> None:
    ending = Ending.of(lambda: evaluate(evaluator, case))
    if accept:
        answers = request.getfixturevalue("answers")
        case.accept(ending, answers(NEWEST)[str(case)], answers(STABLE)[str(case)])
    assert ending.text == case.recorded()


@pytest.mark.oracle
def test_nix_agrees(nix_version: str, answers: Callable[[str], dict[str, Answer]]) -> None:
    found = answers(nix_version)
    disagreements = {str(case): case.disagreement(found[str(case)], nix_version) for case in CASES}
    assert {name: reason for name, reason in disagreements.items() if reason} == {}


@pytest.mark.oracle
def test_nix_parses_to_the_same_trees(oracle: Oracle) -> None:
    oracle.share(DIRECTORY, INSIDE)
    working = [case for case in CASES if not case.fails]
    result = oracle.run(["nix-instantiate", "--parse", *map(inside, working)])
    assert result.returncode == 0, result.stderr
    assert {str(case): _tree(case) for case in working} == dict(
        zip(map(str, working), result.stdout.splitlines(), strict=True)
    )


def _tree(case: Case) -> str:
    directory = inside(case).rpartition("/")[0]
    source = Source.from_bytes(case.program.read_bytes(), inside(case), directory)
    return print_syntax(parse(source), directory=directory, home="/root")
