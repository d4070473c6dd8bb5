"""The plan: everything that leads from the machine as it is to one toplevel, in order and with reasons."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from system_manager.activation import known_state
from system_manager.activation.account_changes import ChangeAccounts
from system_manager.activation.accounts import AccountPlan, plan_accounts
from system_manager.activation.attributes import plan_attributes
from system_manager.activation.change import Machine, Record, Step
from system_manager.activation.early_files import copied_where_needed
from system_manager.activation.files import Conflict, FilePlan, plan_files
from system_manager.activation.generation_changes import Selection, plan_selection, profile_of
from system_manager.activation.health_checks import CheckHealth
from system_manager.activation.journal import AnyChange
from system_manager.activation.package_changes import InstallPackages
from system_manager.activation.packages import PackagePlan, leaving_units, plan_packages
from system_manager.activation.ssh_keys import unread_keys
from system_manager.activation.state import AtBoot, State, Unconfirmed
from system_manager.activation.takeover import SetRecordAside, notices_of
from system_manager.activation.tmpfiles import CreateTmpfiles, are_applied, plan_tmpfiles
from system_manager.activation.tmpfiles_rules import read_rules, unlike_rules
from system_manager.activation.toplevel import wanted_files
from system_manager.activation.unit_changes import ReloadManager
from system_manager.activation.unit_steps import UnitSteps, plan_unit_steps
from system_manager.base.records import field, record
from system_manager.generation.manifest import Manifest, Unit


@record(frozen=True)
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


@record()
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
    install_first: bool = False
    changed_units: tuple[str, ...] = ()
    changed_user_units: tuple[str, ...] = ()
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


def make_plan(machine: Machine, state: State, target: Target, *, installed: InstallPackages | None = None) -> Plan:
    """Read what is needed from the machine, and plan. Touches nothing.

    :param installed: packages were installed already; only those that nobody needs now are looked at.
    """
    packages = plan_packages(machine, target.manifest, state, toplevel=target.toplevel, installed=installed)
    if installed is not None:
        packages.install = None
    accounts = plan_accounts(machine, state, target.manifest, repair=target.repair)
    files = plan_files(
        copied_where_needed(wanted_files(target.manifest), machine.root),
        state,
        root=machine.root,
        accounts=machine.accounts,
        transaction=machine.transaction,
        owners_may_appear=packages.install is not None,
        repair=target.repair,
    )
    leaving = leaving_units(machine, packages.remove)
    units = plan_unit_steps(machine, state, target.manifest, files, repair=target.repair, leaving=leaving)
    parts = _Parts(files, packages, units, accounts)
    record = _record(machine, state, target, parts)
    changes = _arrange(machine, state, target, parts)
    before = target.unconfirmed.toplevel if target.unconfirmed is not None else None
    last = plan_selection(machine.root, target.toplevel, target.selection, number=target.number, before=before)
    possible = (packages.remove, packages.restore, packages.marks, last)
    ending: list[AnyChange] = [change for change in possible if change is not None]
    if changes or ending:
        changes += _health(machine, target.manifest)
    changes += ending
    if state.taken_from:
        changes.append(SetRecordAside())
    notices = [*notices_of(machine.root, state), *known_state.notices_of(state)]
    notices += [*packages.notices, *accounts.notices, *files.notices, *units.notices]
    notices += unread_keys(target.manifest.files, machine.root)
    return Plan(
        target,
        changes,
        [*accounts.conflicts, *files.conflicts],
        notices,
        record,
        record.freeze(state.transaction) != state,
        packages.install is not None,
        changed_units(state.units, target.manifest.units),
        changed_units(state.user_units, target.manifest.user_units),
        files,
    )


def changed_units(old: Mapping[str, Unit], new: Mapping[str, Unit]) -> tuple[str, ...]:
    """The names of new and changed units."""
    return tuple(name for name, unit in new.items() if old.get(name) != unit)


@record(frozen=True)
class _Parts:
    """What each planner found."""

    files: FilePlan
    packages: PackagePlan
    units: UnitSteps
    accounts: AccountPlan


def _record(machine: Machine, state: State, target: Target, parts: _Parts) -> Record:
    files, packages, units, accounts = parts.files, parts.packages, parts.units.system, parts.accounts
    record = Record.of(state)
    if not any(isinstance(change, ChangeAccounts) for change in accounts.changes):
        record.users, record.groups = accounts.draft.users, accounts.draft.groups
    for path, owned in files.adopted.items():
        if owned is None:
            record.files.pop(path, None)
        else:
            record.files[path] = owned
    record.units = dict(target.manifest.units)
    record.user_units = dict(target.manifest.user_units)
    record.toplevel = target.toplevel
    record.tmpfiles = target.manifest.tmpfiles
    record.at_boot = target.at_boot
    record.unconfirmed = target.unconfirmed
    if target.selection is Selection.CURRENT:
        current = profile_of(machine.root).current_number()
        record.left = None if target.toplevel is not None else current or state.left
    if packages.kept is not None:
        record.kept = set(packages.kept)
    for name, package in packages.adopted.items():
        if package is None:
            record.packages.pop(name, None)
        else:
            record.packages[name] = package
    if units is not None:
        record.displaced = (record.displaced | units.displaced) - units.returned
        # Until they are there: a run that is kept although it failed on the way is to be gone on with.
        record.pending = {*units.start, *units.restart, *units.reload}
    return record


def _arrange(machine: Machine, state: State, target: Target, parts: _Parts) -> list[AnyChange]:
    """The order: packages, stop, accounts, files, reload systemd, tmpfiles, start.

    Accounts come before files, which they may own. Health checks follow, and then packages that nobody needs now.
    """
    changes: list[AnyChange] = []
    if parts.packages.install is not None:
        changes.append(parts.packages.install)
    changes += parts.units.before
    changes += parts.accounts.changes
    if target.repair:
        changes += plan_attributes(machine, state, parts.files.targets())
    changes += parts.files.changes
    changes += _reload(target, parts)
    tmpfiles = _tmpfiles(machine, target.manifest, parts.files, repair=target.repair)
    if tmpfiles is not None:
        changes.append(tmpfiles)
    changes += parts.units.after
    return changes


def _reload(target: Target, parts: _Parts) -> tuple[ReloadManager, ...]:
    """When everything goes, systemd reads its files again anyway in the end: for the unit that recovers at boot."""
    for_others = parts.units.after or parts.packages.remove is not None or parts.packages.restore is not None
    if target.toplevel is not None or for_others:
        return parts.units.reload
    return tuple(msgspec.structs.replace(change, last=True) for change in parts.units.reload)


def _health(machine: Machine, manifest: Manifest) -> list[AnyChange]:
    """Where no units run, nothing that they do can be looked at."""
    return [CheckHealth(manifest.health_checks)] if manifest.health_checks and machine.systemd is not None else []


def _tmpfiles(machine: Machine, manifest: Manifest, files: FilePlan, *, repair: bool) -> CreateTmpfiles | None:
    """Rules that changed, and for a repair those whose outcome is not there any more."""
    if not are_applied(machine.root):
        return None
    changed = files.targets()
    if repair:
        rules = {path: read_rules(machine.root, path) for path in manifest.tmpfiles}
        changed |= {path for path in rules if unlike_rules(machine.root, machine.accounts, rules[path])}
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
