"""The names in ``builtins``: those of Nix 2.34, no more and no less."""

from __future__ import annotations

import json
import re

import pytest

from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.builtins.registry import Builtin
from system_manager.language.builtins.table import PURE_BUILTINS
from tests.language.test_cases import CASES

# Everything that needs a file system, a store, an environment or a clock, and the constants.
OTHER_NAMES = set(
    """
    addDrvOutputDependencies appendContext builtins convertHash currentSystem currentTime derivation
    derivationStrict false fetchGit fetchMercurial fetchTarball fetchurl filterSource findFile flakeRefToString
    getContext getEnv getFlake hashFile import langVersion nixPath nixVersion null outputOf parseFlakeRef path
    pathExists placeholder readDir readFile readFileType scopedImport storeDir storePath toFile toPath true
    unsafeDiscardOutputDependency
    """.split()  # noqa: SIM905 -- names in quotes are no better to read
)

# Names that are there without their experimental feature, or not there with it.
MORE_THAN_NIX = {"fetchTree"}  # needs fetch-tree in Nix
LESS_THAN_NIX = {"outputOf"}  # needs dynamic-derivations in Nix


@pytest.fixture
def names() -> set[str]:
    return set(EvaluationSession(EvaluationSettings()).evaluator.names.builtins)


def test_names(names: set[str]) -> None:
    pure = {name for family in PURE_BUILTINS for name in family.arities}
    assert not pure & OTHER_NAMES
    assert names == (pure | OTHER_NAMES | MORE_THAN_NIX) - LESS_THAN_NIX


@pytest.mark.oracle
def test_nix_has_the_same_names(oracle, names: set[str]) -> None:
    program = "builtins.attrNames builtins"
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", "--json", "--expr", program], check=True)
    # Nothing was added to the language between 2.26 and 2.34.
    assert names - MORE_THAN_NIX == set(json.loads(completed.stdout)) - MORE_THAN_NIX


def test_a_family_has_the_builtins_that_are_said_of_it() -> None:
    for family in EvaluationSession(EvaluationSettings()).families:
        assert family.arities == {builtin.name: builtin.arity for builtin in family.load()}


def test_documentation_is_there_for_every_builtin() -> None:
    for builtin in [builtin for family in PURE_BUILTINS for builtin in family.load()]:
        assert isinstance(builtin, Builtin)
        assert len(builtin.documentation) > 20
        assert builtin.documentation.endswith(".")


def test_every_builtin_is_in_a_case_that_works_and_in_one_that_fails() -> None:
    names = {name for family in PURE_BUILTINS for name in family.arities}
    for fails, exempt in (
        (False, {"abort", "throw"}),
        # These take anything.
        (True, {name for name in names if name.startswith("is")} | {"typeOf", "break"}),
    ):
        programs = [case.program.read_text(errors="replace") for case in CASES if case.fails == fails]
        used = set(re.findall(r"[A-Za-z']+", " ".join(programs)))
        assert names - used <= exempt
