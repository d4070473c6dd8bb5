"""What an activation does with units, of the system and of users, as changes in three places around the files."""

from __future__ import annotations

import time
from collections.abc import Mapping

from system_manager.activation.change import Machine
from system_manager.activation.file_changes import ChangeFile
from system_manager.activation.files import FilePlan
from system_manager.activation.state import EDITED_DIRECTORY, State
from system_manager.activation.unit_changes import DEFAULT_LIMIT, ReloadManager, StartUnits, StopUnits
from system_manager.activation.unit_definitions import (
    SYSTEM_DIRECTORY,
    USER_DIRECTORY,
    Definitions,
    as_found,
)
from system_manager.activation.unit_drift import NOT_READ_AGAIN, differences, has_unmet_condition
from system_manager.activation.unit_phases import UnitsToStart
from system_manager.activation.unit_plan import UnitPlan
from system_manager.activation.unit_survey import plan_dependents, plan_repair, survey
from system_manager.activation.units import EARLY_TARGET
from system_manager.activation.user_units import StartUserUnits, StopUserUnits, plan_user_units
from system_manager.base.records import record
from system_manager.generation.manifest import Manifest, Unit

NOT_RUNNING = "systemd is not running here: units start at the next boot"
_MASK = "/dev/null"
_OF_SYSTEMD = "/etc/systemd/"
_OF_USERS = ("/etc/systemd/user/", "/etc/systemd/user-generators/", "/etc/systemd/user.conf")


@record()
class UnitSteps:
    """The changes, and what else came out.

    :ivar before: while files and managers still have the old definitions.
    :ivar reload: when the files are there.
    :ivar after: when everything that units may need is there.
    :ivar system: the plan for the system's units; None when systemd need not be asked.
    """

    before: tuple[StopUnits | StopUserUnits, ...] = ()
    reload: tuple[ReloadManager, ...] = ()
    after: tuple[StartUserUnits | StartUnits, ...] = ()
    system: UnitPlan | None = None
    notices: tuple[str, ...] = ()


def plan_unit_steps(
    machine: Machine,
    state: State,
    manifest: Manifest,
    files: FilePlan,
    *,
    repair: bool,
    leaving: frozenset[str] = frozenset(),
) -> UnitSteps:
    """Ask the managers that are concerned, and plan.

    :param repair: as in a plan's target.
    :param leaving: units of the distribution whose files go with their packages.
    """
    touched = [target for target in files.targets() if target.startswith(_OF_SYSTEMD)]
    files_of_users = any(target.startswith(_OF_USERS) for target in touched)
    changed_for_users = state.user_units != manifest.user_units or files_of_users
    for_users = changed_for_users or (repair and bool(state.user_units))
    files_of_system = any(not target.startswith(_OF_USERS) for target in touched)
    for_system = repair or state.units != manifest.units or bool(state.pending) or files_of_system
    if not for_system and not for_users:
        return UnitSteps()
    if machine.systemd is None:
        return UnitSteps(notices=(NOT_RUNNING,) if manifest.units or state.units else ())
    edited = _edited(files)
    managed = frozenset({file.target for file in manifest.files} | state.files.keys())
    steps = UnitSteps()
    limit, settle = _limits(machine, manifest)
    if for_users:
        before = as_found(state.user_units, edited, USER_DIRECTORY)
        users = plan_user_units(machine, before, manifest.user_units, managed, repair=repair)
        steps.notices += users.notices
        if changed_for_users or any(part.does_something for part in users.parts):
            steps.before += (StopUserUnits(users.parts),)
            steps.after += (StartUserUnits(users.parts, users.silent, settle),)
    if for_system:
        before = as_found(state.units, edited, SYSTEM_DIRECTORY)
        old = Definitions(before, machine.root, managed)
        new = Definitions(manifest.units, machine.root, managed, leaving=leaving)
        loaded = machine.systemd.units()
        plan = survey(machine.systemd, loaded, old, new, displaced=state.displaced, pending=state.pending)
        found: dict[str, str] = {}
        if repair:
            left = Definitions(state.units, machine.root, state.files.keys())
            found = differences(machine.systemd, loaded, left, unmet=has_unmet_condition)
            plan_repair(plan, loaded, new, found)
            plan_dependents(machine.systemd, loaded, plan, new)
        steps.system = plan
        if not plan.is_empty or files_of_system or NOT_READ_AGAIN in found.values():
            running = {name for name, status in loaded.items() if status.is_running}
            _add_system(steps, plan, running, (limit, settle), manifest.units)
    return steps


def _edited(files: FilePlan) -> frozenset[str]:
    """Files that somebody edited, and whose texts a manager may have read since. A mask is no text."""
    return frozenset(
        change.target
        for change in files.changes
        if isinstance(change, ChangeFile)
        and (change.keep or "").startswith(EDITED_DIRECTORY)
        and change.old.text != _MASK
    )


def _add_system(
    steps: UnitSteps, plan: UnitPlan, running: set[str], limits: tuple[float, float], units: Mapping[str, Unit]
) -> None:
    limit, settle = limits
    disturbed = {*plan.stop, *plan.restart, *plan.reload, *plan.start} & running
    stopped = dict(sorted(plan.stop.items()))
    stop = StopUnits(stopped, tuple(sorted(disturbed)), tuple(sorted(plan.reload)), limit, time.monotonic())
    # Users' units go down after, and come up before, the system's, which they may need.
    steps.before += (stop,)
    steps.reload += (ReloadManager(tuple(sorted(plan.forgotten))),)
    start = UnitsToStart.of(plan, early=EARLY_TARGET in units)
    # What was stopped may have been started again by a unit that stays, for which it is looked.
    if start.early or start.actions() or (stopped and units):
        steps.after += (StartUnits(start, limit, settle),)


def _limits(machine: Machine, manifest: Manifest) -> tuple[float, float]:
    """How long units may take, and how long they have to stay up. What was asked for goes before the manifest."""
    unit = manifest.unit_timeout if machine.limits.unit is None else machine.limits.unit
    settle = manifest.settle_time if machine.limits.settle is None else machine.limits.settle
    return DEFAULT_LIMIT if unit is None else unit, settle
