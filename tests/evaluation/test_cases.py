"""Programs that reach files and the store: our evaluator and real Nix on the corpus below ``cases``.

:mod:`tests.support.corpus` says what its files mean. Programs find their files in ``cases/files``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import system_manager
from system_manager.store.store import Store
from tests.evaluation.conftest import evaluate_file
from tests.support.answers import Answer, ask
from tests.support.corpus import NEWEST, STABLE, Case, Ending, cases
from tests.support.oracle import Oracle

DIRECTORY = Path(__file__).parent / "cases"
PACKAGE = Path(system_manager.__file__).parent
CASES = [case for case in cases(DIRECTORY) if case.program.parent.name != "files"]


def ending(case: Case, store: Store) -> Ending:
    return Ending.of(lambda: hide(evaluate_file(case.program, store)), hide)


def hide(text: str) -> str:
    """Take out of a text where this checkout is."""
    return text.replace(str(DIRECTORY), "/cases").replace(str(PACKAGE), "/package")


@dataclass(frozen=True)
class Answers:
    """What one Nix makes of every case, and the store in which it evaluated those that mean the same to both."""

    by_case: dict[str, Answer]
    store: Path


@pytest.fixture(scope="module")
def answers(nix_of: Callable[[str], Oracle], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Answers]:
    known: dict[str, Answers] = {}

    def of(version: str) -> Answers:
        if version not in known:
            oracle, by_case = nix_of(version), {}
            oracle.share(DIRECTORY)
            for is_other in (True, False):
                asked = [case for case in CASES if case.is_other_in(version) == is_other]
                nix = tmp_path_factory.mktemp("nix")
                oracle.share(nix, "/nix")
                found = ask(oracle, [str(case.program) for case in asked], write=True)
                by_case |= dict(zip(map(str, asked), map(hidden, found), strict=True))
            known[version] = Answers(by_case, nix / "store")
        return known[version]

    return of


def hidden(answer: Answer) -> Answer:
    return Answer(*(None if text is None else hide(text) for text in (answer.value, answer.error)), answer.caught)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_ends_as_recorded(case: Case, module_store: Store, accept: bool, request: pytest.FixtureRequest) -> None:
    found = ending(case, module_store)
    if accept:
        answers = request.getfixturevalue("answers")
        case.accept(found, answers(NEWEST).by_case[str(case)], answers(STABLE).by_case[str(case)])
    assert found.text == case.recorded()


@pytest.mark.oracle
def test_nix_agrees(nix_version: str, answers: Callable[[str], Answers]) -> None:
    found = answers(nix_version).by_case
    disagreements = {str(case): case.disagreement(found[str(case)], nix_version) for case in CASES}
    assert {name: reason for name, reason in disagreements.items() if reason} == {}


@pytest.mark.oracle
def test_derivation_files_are_the_same(nix_version: str, answers: Callable[[str], Answers], store: Store) -> None:
    for case in CASES:
        if not case.is_other_in(nix_version):
            ending(case, store)
    ours = {path.name: path.read_bytes() for path in store.layout.store_directory.glob("*.drv")}
    theirs = {path.name: path.read_bytes() for path in answers(nix_version).store.glob("*.drv")}
    assert len(ours) > 100
    assert ours == theirs
