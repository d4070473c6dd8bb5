"""Every scenario, undisturbed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.activation.scenario import Run, Scenario, all_scenarios, describe, has_boot_unit, is_managed, run, tree
from tests.conftest import unavailable


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, tmp_path: Path, accept: bool) -> None:
    going = Run(scenario, tmp_path)
    text = ""
    for number, step in enumerate(going.steps, 1):
        before, had_boot_unit = tree(tmp_path, times=True), has_boot_unit(tmp_path)
        result = going.do(step)
        text += describe(number, step, result, tmp_path)
        if result is None:
            continue
        changing = {"activate", "rollback", "deactivate", "test", "boot", "recover", "confirm", "undo", "uninstall"}
        if result.exit_code == 0 and step["do"] in changing:
            assert has_boot_unit(tmp_path) == is_managed(tmp_path)
        else:
            assert has_boot_unit(tmp_path) == had_boot_unit
        if result.exit_code != 0:
            assert tree(tmp_path, times=True) == before, "a failure left something behind"
        elif step["do"] in {"activate", "deactivate", "test"} and result.result.get("secondsToConfirm") is None:
            after = tree(tmp_path, times=True)
            again = run(tmp_path, *going.arguments(step))
            assert (again.exit_code, again.result["outcome"]) == (0, "nothing-to-do")
            assert tree(tmp_path, times=True) == after, "a second run touched something"
    if accept:
        scenario.expected.write_text(text)
    assert text == scenario.expected.read_text()
