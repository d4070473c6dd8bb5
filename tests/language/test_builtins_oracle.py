"""Programs that call builtins, evaluated by this program and by real Nix.

``builtins/working.txt`` and ``builtins/failing.txt`` hold the programs.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.effects import NoEffects
from system_manager.language.errors import EvaluationError
from system_manager.language.evaluator import Evaluator
from system_manager.language.printer import print_value
from system_manager.language.source import Source

CASES = Path(__file__).parent / "builtins"

# builtins.attrNames builtins of Nix 2.34.8 without experimental features, less what needs a file system, a store, an
# environment or a clock.
NAMES = set(
    """
    abort add addErrorContext all any attrNames attrValues baseNameOf bitAnd bitOr bitXor break catAttrs ceil
    compareVersions concatLists concatMap concatStringsSep deepSeq dirOf div elem elemAt filter floor foldl' fromJSON
    fromTOML functionArgs genList genericClosure getAttr groupBy hasAttr hasContext hashString head intersectAttrs
    isAttrs isBool isFloat isFunction isInt isList isNull isPath isString length lessThan listToAttrs map mapAttrs match
    mul parseDrvName partition removeAttrs replaceStrings seq sort split splitVersion stringLength sub substring tail
    throw toJSON toString toXML trace traceVerbose tryEval typeOf unsafeDiscardStringContext unsafeGetAttrPos warn
    zipAttrsWith
    """.split()  # noqa: SIM905 -- ninety names in quotes are no better to read
)


def cases(name: str) -> list[str]:
    lines = (CASES / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


WORKING = cases("working.txt")
FAILING = cases("failing.txt")


@pytest.fixture
def evaluator() -> Evaluator:
    return Evaluator(builtins=PURE_BUILTINS, constants={}, effects=NoEffects(), code_cache=None)


def printed(evaluator: Evaluator, program: str) -> str:
    source = Source(program, "«stdin»", "/")
    return evaluator.run(lambda: print_value(evaluator.evaluate(source), strict=True))


def test_the_table_is_complete() -> None:
    assert sorted(builtin.name for builtin in PURE_BUILTINS) == sorted(NAMES)


def test_every_builtin_is_documented() -> None:
    for builtin in PURE_BUILTINS:
        assert builtin.documentation.endswith("."), builtin.name
        assert builtin.arity >= 1


def test_every_builtin_is_in_a_case_that_works_and_one_that_does_not() -> None:
    for programs, exempt in (
        (WORKING, {"abort", "throw"}),
        # These take anything.
        (FAILING, {name for name in NAMES if name.startswith("is")} | {"typeOf", "break"}),
    ):
        used = set(re.findall(r"[A-Za-z']+", " ".join(programs)))
        assert NAMES - used <= exempt


@pytest.mark.oracle
def test_programs_print_what_they_print_in_nix(oracle, evaluator) -> None:
    separator = "next-program"
    script = "".join(f"nix-instantiate --eval --strict - <<'E' 2>/dev/null || true\n{program}\nE\necho {separator}\n"
                     for program in WORKING)  # fmt: skip
    expected = oracle.run(["sh", "-c", script], check=True).stdout.split(f"{separator}\n")[:-1]
    found = []
    for program in WORKING:
        try:
            found.append(printed(evaluator, program) + "\n")
        except EvaluationError as error:
            found.append(error.render())
    assert [*zip(WORKING, found, strict=True)] == [*zip(WORKING, expected, strict=True)]


@pytest.mark.oracle
def test_programs_fail_as_they_fail_in_nix(oracle, evaluator) -> None:
    separator = "next-program"
    script = "".join(
        f"nix-instantiate --eval --strict - <<'E' 2>&1 && echo accepted\n{program.removeprefix('~')}\nE\n"
        f"echo {separator}\n"
        for program in FAILING
    )
    answers = oracle.run(["sh", "-c", script], check=True).stdout.split(f"{separator}\n")[:-1]
    differing = []
    for program, answer in zip(FAILING, answers, strict=True):
        expected = answer.rpartition("error:")[2].strip().split("\n")[0]
        try:
            message = "accepted: " + printed(evaluator, program.removeprefix("~"))
        except EvaluationError as error:
            message = error.what.split("\n")[0]
        if answer.endswith("accepted\n") or message.startswith("accepted"):
            differing.append((program, message, answer))
        elif not program.startswith("~") and not message.startswith(expected):
            differing.append((program, message, expected))
    assert differing == []
