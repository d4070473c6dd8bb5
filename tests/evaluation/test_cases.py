"""The corpus below ``cases``: programs that reach the store and files, each with what it yields or how it fails.

``NAME.nix`` stands beside ``NAME.expected``, the value as ``nix-instantiate --eval --strict`` prints it, or beside
``NAME.error``, our message. ``pytest --accept`` writes them; the tests marked ``oracle`` ask a real Nix.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

import system_manager
from system_manager.language.errors import EvaluationError, InternalError
from system_manager.store.store import Store
from tests.evaluation.conftest import evaluate_file
from tests.support.oracle import Oracle

CORPUS = Path(__file__).parent / "cases"
PACKAGE = Path(system_manager.__file__).parent
CASES = sorted(path for path in CORPUS.glob("*/*.nix"))


def identify(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def outcome(case: Path, store: Store) -> tuple[str, str]:
    """The suffix of the file that describes what happened, and its content."""
    try:
        return ".expected", evaluate_file(case, store) + "\n"
    except EvaluationError as error:
        assert not isinstance(error, InternalError), str(error)
        return ".error", error.what.replace(str(CORPUS), "CORPUS").replace(str(PACKAGE), "PACKAGE") + "\n"


@pytest.mark.parametrize("case", CASES, ids=identify)
def test_yields_what_is_expected(case: Path, module_store: Store, accept: bool) -> None:
    suffix, text = outcome(case, module_store)
    if accept:
        case.with_suffix(suffix).write_text(text)
    other = {".expected": ".error", ".error": ".expected"}[suffix]
    assert not case.with_suffix(other).exists(), text
    assert text == case.with_suffix(suffix).read_text()


@dataclass(frozen=True)
class Answers:
    """What the real Nix says of every case: its status and what it prints."""

    by_case: dict[str, tuple[int, str]]
    store: Path


_LOOP = """
for case in "$@"; do
    echo "=== $case"
    nix-instantiate --eval --strict --read-write-mode "$case" 2>/tmp/errors && status=0 || status=$?
    echo "--- $status"
done
"""


@pytest.fixture(scope="module")
def answers(_nix: Oracle | str, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    from tests.conftest import unavailable

    if isinstance(_nix, str):
        unavailable(_nix)
    oracle = Oracle(_nix.root)
    nix = tmp_path_factory.mktemp("nix")
    oracle.share(nix, "/nix")
    oracle.share(CORPUS)
    output = oracle.run(["sh", "-c", _LOOP, "ask", *map(str, CASES)], check=True).stdout
    found = {}
    for block in output.split("=== ")[1:]:
        case, _, rest = block.partition("\n")
        printed, _, status = rest.rpartition("--- ")
        found[case] = (int(status), printed)
    return Answers(found, nix / "store")


@pytest.mark.oracle
@pytest.mark.parametrize("case", CASES, ids=identify)
def test_nix_agrees(case: Path, answers: Answers) -> None:
    status, printed = answers.by_case[str(case)]
    if case.with_suffix(".error").exists():
        assert status != 0, f"Nix accepts {shlex.quote(str(case))} and prints {printed}"
    else:
        assert (status, printed) == (0, case.with_suffix(".expected").read_text())


@pytest.mark.oracle
def test_derivation_files_are_the_same(answers: Answers, module_store: Store) -> None:
    for case in CASES:
        outcome(case, module_store)
    ours = {path.name: path.read_bytes() for path in module_store.layout.store_directory.glob("*.drv")}
    theirs = {path.name: path.read_bytes() for path in answers.store.glob("*.drv")}
    assert len(ours) > 100
    assert ours == theirs
