"""The generated code: the same in every process, as recorded for a few programs, and never more than is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from system_manager.language.compiler import Analysis
from system_manager.language.evaluator import Evaluator
from system_manager.language.program import Program
from system_manager.language.source import Source
from tests.language.evaluation import evaluate, make_evaluator
from tests.support.expectations import compare

DIRECTORY = Path(__file__).parent / "generated"
PROGRAMS = sorted(DIRECTORY.glob("*.nix"))

ARITIES = {"builtins": 0, "map": 2, "head": 1, "isAttrs": 1, "foldl'": 3, "true": 0}
GLOBALS = {"builtins": "builtins", "map": "map", "true": "true"}


def generated(program: Path) -> str:
    """The text of all units of a program."""
    source = Source(program.read_text(), f"/{program.name}", "/")
    analysis = Analysis(source, global_names=GLOBALS, arities=ARITIES, scope_names=(), home="/root")
    return "\n".join(analysis.text(unit.label) for unit in analysis.resolution.by_identifier)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_text(program: Path, accept: bool) -> None:
    compare(generated(program), program.with_suffix(".py.expected"), accept=accept)


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_text_is_the_same_in_every_process(seed: str) -> None:
    code = "from tests.language.test_compiler import *; print(*map(generated, PROGRAMS), sep='')"
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert output.stdout == "".join(map(generated, PROGRAMS)) + "\n"


def compiled_units(text: str) -> set[str]:
    """The labels of the units that evaluation compiled."""
    evaluator = make_evaluator()
    evaluate(text, evaluator)
    [program] = programs_of(evaluator)
    return set(program.units)


def programs_of(evaluator: Evaluator) -> list[Program]:
    return list(evaluator.programs())


@pytest.mark.parametrize(
    ("text", "compiled"),
    [
        ("1", {"T0"}),
        ("let a = 1 + 1; b = a + 1; in 2", {"T0"}),
        ("let a = 1 + 1; b = a + 1; in a", {"T0", "T1"}),
        ("let f = x: x + 1; g = x: x + 2; in f 1", {"T0", "F1"}),
        ("let f = x: y: x + y; g = x: x; in f 1 2", {"T0", "G1"}),
        ("let f = x: y: x + y; g = x: f x; in builtins.isFunction (g 1)", {"T0", "T3", "F2"}),
        ("if true then 1 else (x: x) 1", {"T0"}),
        ("let s = { a.b.c = 1; }; x = s.a.b.c; in x", {"T0", "T1"}),
    ],
)
def test_what_never_runs_is_never_compiled(text: str, compiled: set[str]) -> None:
    assert compiled_units(text) == compiled


def test_functions_made_before_their_code_was_compiled_use_it() -> None:
    text = "let make = n: (x: x + n); fs = map make [ 1 2 3 ]; in map (f: f 10) fs"
    assert evaluate(text) == "[ 11 12 13 ]"


def test_functions_that_are_made_often_and_never_called_are_not_kept_waiting() -> None:
    text = (
        "let fs = builtins.genList (n: { f = x: x + n; }) 3000; in builtins.deepSeq fs ((builtins.elemAt fs 2999).f 1)"
    )
    assert evaluate(text) == "3000"
