"""Every scenario, disturbed at every single change: the machine ends in the old state or in the new one.

The last step of each scenario is the one that is disturbed.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.activation import faults
from tests.activation.image import Image
from tests.activation.scenario import (
    Entry,
    Result,
    Run,
    Scenario,
    all_scenarios,
    below,
    has_boot_unit,
    is_managed,
    run,
    tree,
)
from tests.activation.victim import Victims

UNDO = "/var/lib/system-manager/undo"
Fault = Callable[[int], Callable[[int, str], None]]


def disturbed() -> list[Scenario]:
    """Those whose last step changes the machine."""
    return [scenario for scenario in all_scenarios() if _changes(scenario)]


def _changes(scenario: Scenario) -> bool:
    step = scenario.read()["step"][-1]
    changing = step["do"] in {"activate", "rollback", "deactivate", "test", "confirm", "undo"} or "--boot" in step.get(
        "arguments", []
    )
    return changing and "exit 0, changed" in scenario.expected.read_text().rpartition("\n== ")[2]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A machine right before the last step, copied for each disturbance."""

    directory: Path
    image: Image
    arguments: list[str]
    old: dict[str, Entry]
    new: dict[str, Entry]

    def fresh(self) -> Path:
        root = self.directory / "machine"
        self.image.put(root)
        return root


def prepare(scenario: Scenario, directory: Path) -> Prepared:
    template = directory / "template"
    going = Run(scenario, template)
    for step in going.steps[:-1]:
        going.do(step)
    arguments = going.arguments(going.steps[-1])
    old, image = tree(template, times=True), Image(template)
    run(template, *arguments)
    return Prepared(directory, image, arguments, old, tree(template))


def without_times(entries: dict[str, Entry]) -> dict[str, Any]:
    return {
        name: (entry.kind, entry.mode, entry.user, entry.group, entry.content, entry.attributes)
        for name, entry in entries.items()
    }


def assert_old_or_new(prepared: Prepared, root: Path, exit_code: int | None) -> None:
    """Old when the exit code says so, new when it says that; None leaves it open."""
    now = tree(root, times=True)
    if exit_code in {1, 3} or (exit_code is None and now == prepared.old):
        assert now == prepared.old
    else:
        assert without_times(now) == without_times(prepared.new)
    assert not below(root, "/var/lib/system-manager/journal.json").exists()
    assert not below(root, "/var/lib/system-manager/undo").exists()
    if exit_code is None:
        assert has_boot_unit(root) == is_managed(root)


def assert_boot_would_recover(root: Path) -> None:
    """As long as there is anything to take back, the unit that does so at boot is there."""
    if below(root, UNDO).is_dir() and any(below(root, UNDO).iterdir()):
        assert has_boot_unit(root)


def assert_goes_on(prepared: Prepared, root: Path, scenario: Scenario) -> None:
    """The same command works afterwards and ends in the same state as if nothing had happened."""
    if prepared.arguments[0] in {"rollback", "confirm"} or "--confirm" in prepared.arguments:
        return  # what it does depends on what was done before
    run(root, *prepared.arguments)
    assert without_times(tree(root)) == without_times(prepared.new), scenario.name


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with Victims() as started:
        yield started


@pytest.mark.parametrize("scenario", disturbed(), ids=lambda scenario: scenario.name)
def test_killed_before_every_change(scenario: Scenario, place: Path, victims: Victims) -> None:
    prepared = prepare(scenario, place)
    for index in range(10_000):
        root = prepared.fresh()
        status = victims.kill(root, prepared.arguments, at=index)
        if status == 0:
            break
        assert status == faults.KILLED
        assert_boot_would_recover(root)
        recovered = run(root, "recover")
        assert recovered.exit_code == 0, recovered.text
        assert_old_or_new(prepared, root, None)
        assert_goes_on(prepared, root, scenario)


@pytest.mark.parametrize("scenario", disturbed(), ids=lambda scenario: scenario.name)
def test_killed_again_while_recovering(scenario: Scenario, place: Path, victims: Victims) -> None:
    prepared = prepare(scenario, place)
    root = prepared.fresh()
    with faults.intercepted(lambda _index, _name: None) as count:
        run(root, *prepared.arguments)
    for index in range(count() // 2, count(), 3):
        root = prepared.fresh()
        assert victims.kill(root, prepared.arguments, at=index) == faults.KILLED
        for second in range(10_000):
            if victims.kill(root, ["recover"], at=second) == 0:
                break
        assert_old_or_new(prepared, root, None)


def test_rollback_right_after_a_run_was_killed(place: Path, victims: Victims) -> None:
    """What is gone back to is decided when the machine is again what its record says."""
    scenario = next(one for one in all_scenarios() if one.name == "rollback-over-three-generations")
    going = Run(scenario, place / "template")
    for step in going.steps[:2]:
        going.do(step)
    image, killed = Image(place / "template"), going.arguments(going.steps[2])
    root = place / "machine"
    contents = set()
    for index in range(10_000):
        image.put(root)
        if victims.kill(root, killed, at=index) == 0:
            break
        assert run(root, "rollback").exit_code == 0
        contents.add(below(root, "/etc/o").read_text())
    # From the second, as long as the third was not reached.
    assert contents == {"1\n", "2\n"}


DISTURBANCES: dict[str, Fault] = {
    "input-output-error-once": lambda index: faults.fails_once_at(index, errno.EIO),
    "disk-full-from-then-on": faults.disk_is_full_from,
    "read-only-from-then-on": faults.read_only_from,
    "told-to-stop": faults.told_to_stop_at,
}


@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("scenario", disturbed(), ids=lambda scenario: scenario.name)
def test_disturbed_at_every_change(scenario: Scenario, disturbance: str, place: Path) -> None:
    prepared = prepare(scenario, place)
    for index in range(10_000):
        root = prepared.fresh()
        result, count = _run_disturbed(prepared, root, DISTURBANCES[disturbance](index))
        if count <= index:
            break
        if result.exit_code == 4 or below(root, "/var/lib/system-manager/journal.json").exists():
            # Not everything could be taken back, or cleaned up, and that was said; the next run does it.
            if result.exit_code in {1, 3}:
                assert tree(root, times=True) == prepared.old
            else:
                assert result.exit_code == 4 or "next run" in result.text, result.text
            assert run(root, "recover").exit_code == 0
            assert_old_or_new(prepared, root, None)
        else:
            assert_old_or_new(prepared, root, result.exit_code)
        if result.exit_code != 0:
            assert result.result["error"]["what"], result.text


def _run_disturbed(prepared: Prepared, root: Path, before: Callable[[int, str], None]) -> tuple[Result, int]:
    with faults.intercepted(before) as count:
        result = run(root, *prepared.arguments)
    sys.stdout.flush()
    return result, count()
