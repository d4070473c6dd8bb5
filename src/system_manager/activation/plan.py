"""The plan: everything that leads from the machine as it is to one toplevel, in order and with reasons."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from system_manager.activation.account_changes import ChangeAccounts
from system_manager.activation.accounts import AccountPlan, plan_accounts
from system_manager.activation.change import Machine, Record, Step
from system_manager.activation.files import Conflict, FilePlan, plan_files
from system_manager.activation.generation_changes import Selection, plan_selection, profile_of
from system_manager.activation.journal import AnyChange
from system_manager.activation.packages import PackagePlan, plan_packages
from system_manager.activation.ssh_keys import unread_keys
from system_manager.activation.state import SOFTWARE_LINK, AtBoot, State, Unconfirmed
from system_manager.activation.status import RUNS_THOUGH_MASKED, unit_drift
from system_manager.activation.takeover import SetRecordAside, notices_of
from system_manager.activation.tmpfiles import CreateTmpfiles, plan_tmpfiles
from system_manager.activation.unit_changes import ReloadManager, StartUnits, StopUnits
from system_manager.activation.unit_definitions import Definitions
from system_manager.activation.units import EARLY_TARGET, UnitPlan, plan_units, start_dependents
from system_manager.generation.manifest import File, LinkFile, Manifest
from system_manager.host.systemd import Systemd, UnitStatus

NOT_RUNNING = "systemd is not running here: units start at the next boot"


@dataclass(frozen=True, slots=True)
class Target:
    """What to go to. ``toplevel`` None is "nothing managed"; ``number`` is an existing generation to select.

    ``at_boot`` is what the next boot goes on to. ``repair`` brings units that are down, or were not to run, into the
    state that they were left in. ``unconfirmed`` says what is gone back to unless somebody confirms.
    """

    toplevel: str | None
    manifest: Manifest
    number: int | None = None
    selection: Selection = Selection.CURRENT
    at_boot: AtBoot | None = None
    repair: bool = False
    unconfirmed: Unconfirmed | None = None


@dataclass(slots=True)
class Plan:
    """What to do, what stands in the way, and what to say.

    :ivar changes: in the order in which they are applied.
    :ivar record: the record as it is before the first change is applied, adopted entries included.
    :ivar needs_record: the record differs although the machine needs no change.
    """

    target: Target
    changes: list[AnyChange]
    conflicts: list[Conflict]
    notices: list[str]
    record: Record
    needs_record: bool
    definitions: Definitions
    install_first: bool = False
    changed_units: tuple[str, ...] = ()
    files: FilePlan = field(default_factory=FilePlan)

    @property
    def is_empty(self) -> bool:
        """Whether the machine is as wanted."""
        return not self.changes

    def steps(self) -> list[Step]:
        """Every line of the plan."""
        return [step for change in self.changes for step in change.describe()]

    def lines(self) -> list[str]:
        """The plan as text, one line each; what stands in the way last."""
        found = [str(step) for step in self.steps()]
        found += [f"note: {notice}" for notice in self.notices]
        found += [f"conflict {conflict.target}: {conflict.why}" for conflict in self.conflicts]
        return found or ["nothing to do"]


def make_plan(machine: Machine, state: State, target: Target, *, packages_done: bool = False) -> Plan:
    """Read what is needed from the machine, and plan. Touches nothing.

    :param packages_done: packages were installed already; only those that nobody needs now are looked at.
    """
    packages = plan_packages(target.manifest, state, root=machine.root, manager=machine.packages)
    if packages_done:
        packages.install = None
    accounts = plan_accounts(machine, state, target.manifest, repair=target.repair)
    files = plan_files(
        wanted_files(target.manifest),
        state,
        root=machine.root,
        accounts=machine.accounts,
        transaction=machine.transaction,
        owners_may_appear=packages.install is not None,
    )
    old, new = _definitions(machine, state, target)
    units, unit_notices = _plan_units(machine, state, files, old, new, repair=target.repair)
    parts = _Parts(files, packages, units, accounts)
    record = _record(machine, state, target, parts)
    changes = _arrange(machine, target, parts)
    before = target.unconfirmed.toplevel if target.unconfirmed is not None else None
    last = plan_selection(machine.root, target.toplevel, target.selection, number=target.number, before=before)
    changes += [last] if last is not None else []
    if state.taken_from:
        changes.append(SetRecordAside())
    notices = [*notices_of(machine.root, state), *packages.notices, *accounts.notices, *files.notices, *unit_notices]
    notices += unread_keys(target.manifest.files, machine.root)
    return Plan(
        target,
        changes,
        [*accounts.conflicts, *files.conflicts],
        notices,
        record,
        record.freeze(state.transaction) != state,
        new,
        packages.install is not None,
        tuple(name for name, unit in target.manifest.units.items() if state.units.get(name) != unit),
        files,
    )


def wanted_files(manifest: Manifest) -> list[File]:
    """All files of a manifest, and the link to the software of the generation."""
    if manifest.path is None:
        return list(manifest.files)
    link = LinkFile(SOFTWARE_LINK, manifest.path, replace_existing=True)
    return sorted([*manifest.files, link], key=lambda file: file.target)


def _definitions(machine: Machine, state: State, target: Target) -> tuple[Definitions, Definitions]:
    managed = {file.target for file in target.manifest.files} | state.files.keys()
    return (
        Definitions(state.units, machine.root, managed),
        Definitions(target.manifest.units, machine.root, managed),
    )


def _plan_units(
    machine: Machine, state: State, files: FilePlan, old: Definitions, new: Definitions, *, repair: bool
) -> tuple[UnitPlan | None, list[str]]:
    """None when systemd need not be asked: no unit and no file of systemd's changes."""
    concerned = repair or old.units != new.units or state.pending or _touches(files, "/etc/systemd/")
    if not concerned:
        return None, []
    if machine.systemd is None:
        return None, [NOT_RUNNING] if new.units or old.units else []
    loaded = machine.systemd.units()
    states = {name: status.active for name, status in loaded.items()}
    plan = plan_units(states, old, new, displaced=state.displaced, pending=state.pending)
    if repair:
        _plan_repair(machine, state, new, plan)
    _plan_dependents(machine.systemd, loaded, plan, new)
    return plan, []


def _plan_repair(machine: Machine, state: State, new: Definitions, plan: UnitPlan) -> None:
    for drift in unit_drift(machine, state):
        name = drift.target
        if name not in new.units or name in plan.stop or name in plan.start or name in plan.restart:
            continue
        if drift.what == RUNS_THOUGH_MASKED:
            plan.stop[name] = f"it {drift.what}"
        elif not new.is_masked(name):
            plan.start[name] = f"it {drift.what}"


# Dependencies along which systemd stops one unit together with another, see systemd.unit(5).
_STOPPED_TOGETHER = ("RequiredBy", "BoundBy", "ConsistsOf")


def _plan_dependents(systemd: Systemd, loaded: Mapping[str, UnitStatus], plan: UnitPlan, new: Definitions) -> None:
    asked = set(plan.stop) | set(plan.restart)
    while asked:
        statuses = [loaded[name] for name in asked if name in loaded]
        dependents: dict[str, list[str]] = {}
        for kind in _STOPPED_TOGETHER:
            for name, others in systemd.read(statuses, "Unit", kind).items():
                running = [other for other in others if other in loaded and loaded[other].is_running]
                dependents.setdefault(name, []).extend(other for other in running if not other.endswith(".target"))
        asked = start_dependents(plan, dependents, new)


def _touches(files: FilePlan, prefix: str) -> bool:
    return any(change.target.startswith(prefix) for change in files.changes)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What each planner found."""

    files: FilePlan
    packages: PackagePlan
    units: UnitPlan | None
    accounts: AccountPlan


def _record(machine: Machine, state: State, target: Target, parts: _Parts) -> Record:
    files, packages, units, accounts = parts.files, parts.packages, parts.units, parts.accounts
    record = Record.of(state)
    if not any(isinstance(change, ChangeAccounts) for change in accounts.changes):
        record.users, record.groups = accounts.draft.users, accounts.draft.groups
    for path, owned in files.adopted.items():
        if owned is None:
            record.files.pop(path, None)
        else:
            record.files[path] = owned
    record.units = dict(target.manifest.units)
    record.toplevel = target.toplevel
    record.tmpfiles = target.manifest.tmpfiles
    record.at_boot = target.at_boot
    record.unconfirmed = target.unconfirmed
    if target.selection is Selection.CURRENT:
        current = profile_of(machine.root).current_number()
        record.left = None if target.toplevel is not None else current or state.left
    record.packages.update(packages.adopted)
    if units is not None:
        record.displaced = (record.displaced | units.displaced) - units.returned
        record.pending = set()
    return record


def _arrange(machine: Machine, target: Target, parts: _Parts) -> list[AnyChange]:
    """The order: packages, stop, accounts, files, reload systemd, tmpfiles, start, packages that nobody needs now.

    Accounts come before files, which they may own.
    """
    files, packages, units = parts.files, parts.packages, parts.units
    changes: list[AnyChange] = []
    if packages.install is not None:
        changes.append(packages.install)
    systemd_involved = units is not None and (not units.is_empty or _touches(files, "/etc/systemd/"))
    if units is not None and systemd_involved:
        changes.append(_stop(machine, units))
    changes += parts.accounts.changes
    changes += files.changes
    if units is not None and systemd_involved:
        changes.append(ReloadManager(tuple(sorted(units.forgotten))))
    tmpfiles = _tmpfiles(machine, target.manifest, files)
    if tmpfiles is not None:
        changes.append(tmpfiles)
    if units is not None and systemd_involved:
        changes.append(_start(machine, units, target.manifest))
    if packages.remove is not None:
        changes.append(packages.remove)
    return changes


def _running(machine: Machine) -> set[str]:
    if machine.systemd is None:
        return set()
    return {name for name, status in machine.systemd.units().items() if status.is_running}


def _stop(machine: Machine, units: UnitPlan) -> StopUnits:
    running = _running(machine)
    disturbed = {*units.stop, *units.restart, *units.reload, *units.start} & running
    return StopUnits(dict(sorted(units.stop.items())), tuple(sorted(disturbed)), tuple(sorted(units.reload)))


def _start(machine: Machine, units: UnitPlan, manifest: Manifest) -> StartUnits:
    running = _running(machine)
    return StartUnits(
        dict(sorted(units.reload.items())),
        dict(sorted(units.restart.items())),
        dict(sorted(units.start.items())),
        dict(sorted(units.skip.items())),
        early=EARLY_TARGET in manifest.units,
        fresh=tuple(sorted(set(units.start) - running)),
        watched=tuple(sorted(units.watched)),
    )


def _tmpfiles(machine: Machine, manifest: Manifest, files: FilePlan) -> CreateTmpfiles | None:
    """Rules are applied on the running system; in an image they are, at its first boot."""
    if not machine.root.is_live or not os.path.exists("/proc/self"):  # without which systemd-tmpfiles does nothing
        return None
    changed = {change.target for change in files.changes}
    sources = {file.target: file.source for file in manifest.files if file.target in changed}
    paths = [path for path in manifest.tmpfiles if path in sources]
    if not paths:
        return None
    return plan_tmpfiles(paths, [_text(machine, sources[path]) for path in paths], root=machine.root)


def _text(machine: Machine, source: str) -> str:
    try:
        with open(machine.root.real(source), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
