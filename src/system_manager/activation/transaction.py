"""From one state to another, entirely or not at all.

The order is: lock, finish what an earlier run left, plan, check, write the journal, apply, commit. A failure on
the way is taken back in reverse order. The commit is one rename, of the state file; before it the old state
holds, after it the new one, and both a reader of the machine and the next run can tell which.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from system_manager.activation import boot_unit, history, package_files
from system_manager.activation.account_changes import ChangeAccounts
from system_manager.activation.change import ChangedMeanwhileError, Machine
from system_manager.activation.checks import UNTOUCHED, check_plan, run_author_checks, units_judged
from system_manager.activation.generation_changes import SelectGeneration
from system_manager.activation.history import Ending
from system_manager.activation.journal import (
    JOURNAL_VERSION,
    AnyChange,
    Header,
    Journal,
    remove_journal,
)
from system_manager.activation.own_unit import leave_unit
from system_manager.activation.package_changes import InstallPackages
from system_manager.activation.package_files import with_package_files
from system_manager.activation.plan import Plan, Target, changed_units, make_plan
from system_manager.activation.presentation import Line, lines_of
from system_manager.activation.recovery import (
    VERBS_OF_USERS,
    NotRolledBackError,
    RolledBackError,
    explain,
    finish,
    outcome_of,
    phase,
    read_committed,
    remember,
    take_back,
)
from system_manager.activation.state import DIRECTORY, LOCK_FILE, State, prepare_state, put_state
from system_manager.activation.toplevel import held
from system_manager.activation.unit_changes import ReloadManager, StopUnits
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import ChangeApplied, Notice, Warned
from system_manager.base.files import umask
from system_manager.base.locks import exclusive_lock
from system_manager.base.records import record
from system_manager.host.account_lock import wait_for_accounts
from system_manager.host.files import make_durable

_WHY_NO_LOCK = {
    errno.EROFS: "mount its file system read-write",
    errno.ENOSPC: "make room there: 'df -i' counts files",
    errno.EACCES: "run this as root",
    errno.EPERM: "run this as root",
}


class End(enum.Enum):
    """How a run ended that did not fail."""

    NOTHING_TO_DO = "nothing-to-do"
    RECORDED = "recorded"  # the machine needed no change, but is another generation now
    CHANGED = "changed"


@record(frozen=True)
class Outcome:
    """What a run did, and the plan that it followed, also as it is shown."""

    end: End
    plan: Plan
    lines: Sequence[Line] = ()


@contextlib.contextmanager
def locked(machine: Machine, verb: str, *, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock of this machine. Raises :class:`~system_manager.base.locks.LockHeldError` naming the holder.

    :param patience: seconds to wait for whoever holds it.
    """
    path = machine.root.join(LOCK_FILE)
    user, _ = history.who()
    begun = history.instant(time.time()).replace("+00:00", "Z")
    purpose = f"{VERBS_OF_USERS.get(verb, verb)}{f' by {user}' if user else ''} since {begun}"
    with contextlib.ExitStack() as held:
        held.enter_context(umask(0o022))
        try:
            lock = exclusive_lock(
                path,
                purpose=purpose,
                patience=patience,
                waiting_for=lambda holder: machine.observer.notify(Notice(f"waiting for {holder}")),
                checkpoint=machine.interruption.checkpoint_before_changes,
            )
            held.enter_context(lock)
        except OSError as error:
            hint = _WHY_NO_LOCK.get(error.errno or 0, "something else is in its place: move that away")
            raise SystemManagerError(f"the lock cannot be made: {error.strerror}", where=path, hint=hint) from None
        yield


def activate(
    machine: Machine,
    state: State,
    target: Target,
    *,
    verb: str,
    rollback: bool = True,
    ready: Callable[[], None] = lambda: None,
) -> Outcome:
    """Make the machine what ``target`` says. The caller holds the lock and has recovered.

    :param state: the record as it is.
    :param verb: what the user asked for, e.g. ``switch``.
    :param rollback: take changes back after a failure; without, they are kept and recorded.
    :param ready: called when all checks have passed, before anything is touched; what it raises ends the run.
    :raises SystemManagerError: with the truth about the machine in ``exit_code``: ERROR when it is unchanged,
        ROLLED_BACK or NOT_ROLLED_BACK otherwise.
    """
    machine.transaction = new_identifier()
    with held(machine.root, target.toplevel):
        return _activate(machine, state, target, verb=verb, rollback=rollback, ready=ready)


def _activate(
    machine: Machine, state: State, target: Target, *, verb: str, rollback: bool, ready: Callable[[], None]
) -> Outcome:
    run: _Run | None = None
    try:
        # Before planning, since it may bring directories.
        _install_boot_unit(machine)
        plan = _planned_and_checked(machine, state, target)
        if plan.is_empty and not plan.needs_record:
            machine.flush()  # of the boot unit, if somebody had taken it away
            return Outcome(End.NOTHING_TO_DO, plan)
        machine.interruption.checkpoint_before_changes()
        leave_unit(machine, plan.changes)
        ready()
        for notice in plan.notices:
            machine.observer.notify(Notice(notice))
        opened = _Run(machine, state, plan, verb=verb, rollback=rollback)
        opened.open()
        run = opened
    finally:
        if run is None and state.is_empty:
            with contextlib.suppress(OSError):
                boot_unit.remove(machine.root)
    return run.go()


def _planned_and_checked(machine: Machine, state: State, target: Target) -> Plan:
    """The plan; one with something to do has passed all checks."""
    manifest = target.manifest
    changed = changed_units(state.units, manifest.units), changed_units(state.user_units, manifest.user_units)
    with units_judged(machine, manifest, *changed) as judgement:
        with phase(machine, "planning"):
            plan = make_plan(machine, state, target)
        if plan.is_empty and not plan.conflicts and not plan.needs_record:
            return plan
        with phase(machine, "checking"):
            check_plan(machine, plan, judgement)
            if any(isinstance(change, ChangeAccounts) for change in plan.changes):
                # Now, while units still run and somebody who has accounts open in an editor can be told so.
                wait_for_accounts(machine.root)
            run_author_checks(machine, plan)
            plan.changes = with_package_files(machine, plan.changes)
    return plan


def carry_out(machine: Machine, state: State, plan: Plan, *, verb: str) -> Outcome:
    """As :func:`activate`, for a plan that was made and checked."""
    plan.changes = with_package_files(machine, plan.changes)
    run = _Run(machine, state, plan, verb=verb, rollback=True)
    run.open()
    return run.go()


def new_identifier() -> str:
    """A name for a transaction that no other one has."""
    return os.urandom(6).hex()


def _install_boot_unit(machine: Machine) -> None:
    try:
        for path, has_content in boot_unit.install(machine.root).items():
            machine.note_entry(path, written=has_content)
    except OSError as error:
        raise SystemManagerError(
            f"the unit that recovers at boot cannot be put in place: {error.strerror}",
            where=error.filename,
            hint="nothing was changed; make room or make the file system writable, then try again",
        ) from None


class _Run:
    def __init__(self, machine: Machine, state: State, plan: Plan, *, verb: str, rollback: bool) -> None:
        self.machine = machine
        self.state = state
        self.plan = plan
        self.rollback = rollback
        user, login = history.who()
        started = round(time.time(), 3)
        header = Header(
            JOURNAL_VERSION,
            machine.transaction,
            verb,
            plan.target.toplevel,
            os.getpid(),
            started,
            state.toplevel,
            user,
            login,
        )
        self.journal = Journal(machine.root, header)
        self.begun: list[AnyChange] = []

    def open(self) -> None:
        """Begin the journal; nothing is changed when that fails."""
        machine = self.machine
        machine.record = self.plan.record
        machine.meanwhile = self._use_the_time
        try:
            self.journal.open()
        except OSError as error:
            with contextlib.suppress(OSError):
                remove_journal(machine.root)
            raise SystemManagerError(
                f"the journal cannot be written: {error.strerror}",
                where=error.filename,
                hint="nothing was changed; make room or make the file system writable, then try again",
            ) from None

    def go(self) -> Outcome:
        """Apply, commit and clean up, or take back."""
        machine = self.machine
        try:
            self._apply_all()
            with machine.interruption.deferred():
                self._commit()
        except Exception as error:  # a mistake of ours must not leave the machine in between either
            with machine.interruption.deferred():
                self._fail(explain(error))
        self._finish()
        return Outcome(End.CHANGED if self.plan.changes else End.RECORDED, self.plan, self.lines)

    def _apply_all(self) -> None:
        with phase(self.machine, "applying"):
            changes: Sequence[AnyChange] = self.plan.changes
            first = changes[0] if changes else None
            if self.plan.install_first and isinstance(first, InstallPackages):
                # Packages bring files, directories and accounts of their own: the rest is planned with them in place.
                self._apply([first])
                changes = self._plan_again(first)
            self._apply(changes)

    def _plan_again(self, first: InstallPackages) -> Sequence[AnyChange]:
        machine = self.machine
        state = msgspec.structs.replace(self.state, packages=dict(machine.record.packages))
        plan = make_plan(machine, state, self.plan.target, installed=first)
        check_plan(machine, plan)
        machine.record = plan.record
        return with_package_files(machine, plan.changes)

    def _apply(self, changes: Sequence[AnyChange]) -> None:
        machine = self.machine
        first = len(self.journal.entries.changes)
        is_on_disk = self._announce(changes)
        for index, change in enumerate(changes, first):
            machine.interruption.checkpoint()
            if isinstance(change, ReloadManager) and change.last:
                continue
            if change.marked and index not in self.journal.entries.begun:
                self.journal.begin(index)
            if isinstance(change, ReloadManager):
                self._begin_soon(index + 1)
            self.begun.append(change)
            try:
                change.apply(machine)
            except ChangedMeanwhileError:
                # It looked before it did anything, so what is there now is not ours to take back.
                self.begun.pop()
                raise
            if not is_on_disk:
                machine.flush()  # if nothing had to be waited for
                self._note_store_paths(changes)
                is_on_disk = True
            for step in change.describe():
                machine.observer.notify(ChangeApplied(str(step)))

    def _announce(self, changes: Sequence[AnyChange]) -> bool:
        """Write a batch to the journal, with a mark for the first one, which is next. Returns whether it is on disk.

        Units that are to stop may do so while it is flushed: until a file is changed, a power cut takes nothing from
        the old generation, which the machine then boots with.
        """
        machine = self.machine
        is_soon = bool(changes) and isinstance(changes[0], StopUnits) and bool(changes[0].stop)
        path = self.journal.add(changes, begin=bool(changes) and changes[0].marked, durable=not is_soon)
        if is_soon:
            machine.note_entry(path, written=True)
        else:
            machine.flush()  # of the boot unit; after packages, of what came before
            self._note_store_paths(changes)
        return not is_soon

    def _note_store_paths(self, changes: Sequence[AnyChange]) -> None:
        """A generation that is new has store paths that may not be on disk yet, and it will be pointed to."""
        if any(isinstance(one, SelectGeneration) and one.brings_store_paths for one in changes):
            self.machine.changed_file_systems.add(self.machine.root.join("/nix/store"))

    def _use_the_time(self) -> None:
        """While units stop: flush what was written, and word what will have been done."""
        self.machine.flush()
        _ = self.lines

    @functools.cached_property
    def lines(self) -> list[Line]:
        """The plan, as it is shown."""
        return lines_of(self.plan)

    def _begin_soon(self, index: int) -> None:
        """Have the mark of the next change flushed with all files, while systemd is waited for."""
        if index < len(self.journal.entries.changes) and self.journal.entries.changes[index].marked:
            self.machine.note_entry(self.journal.begin(index, durable=False), written=True)

    def _commit(self) -> None:
        """The last step is the rename that counts; everything else, the new record too, is on disk by then."""
        machine = self.machine
        if machine.record.at_boot is not None:
            boot_unit.announce(machine.root)
        if machine.record.unconfirmed is not None:
            machine.record.unconfirmed = machine.record.unconfirmed.begin()
        package_files.remember(machine.root, machine.record)
        machine.note_entry(prepare_state(machine.root, machine.record.freeze(machine.transaction)), written=True)
        machine.flush()
        put_state(machine.root)

    def _finish(self, outcome: Ending | None = None, error: SystemManagerError | None = None) -> None:
        """After the commit nothing may fail any more; what cannot be cleaned up now is at the next run.

        Nothing that a rollback would need goes before the rename is on disk, for which the history is not waited twice.
        """
        self._note(outcome or outcome_of(self.machine.record.unconfirmed, has_changes=bool(self.plan.changes)), error)
        try:
            with self.machine.interruption.deferred():
                make_durable([], {self.machine.root.join(DIRECTORY)})
                finish(self.machine, self.journal.entries.changes, self.machine.record.freeze(""))
        except (OSError, SystemManagerError) as problem:
            self.machine.observer.notify(Warned(f"cleaning up has to wait until the next run: {problem}"))

    def _fail(self, error: SystemManagerError) -> None:
        machine = self.machine
        if self._is_committed():
            # The rename was carried out although it is said to have failed.
            machine.observer.notify(Warned(error.what))
            return
        # Some checks wait until packages are installed, and what they promise is not true any more.
        error.what = error.what.removeprefix(UNTOUCHED)
        if not self.rollback:
            self._keep(error)
        problems = take_back(
            machine, self.begun[::-1], self.state, before_end=lambda: self._note(Ending.ROLLED_BACK, error)
        )
        if not problems:
            raise RolledBackError(
                f"{error.what}\nthe activation failed and was taken back: the machine is as it was before",
                where=error.where,
                hint=error.hint,
            ) from None
        self._note(Ending.NOT_ROLLED_BACK, error)
        raise NotRolledBackError(
            "\n".join([error.what, "the activation failed, and not everything could be taken back:", *problems]),
            where=error.where,
            hint="remove the cause, then run any command of System Manager as root: it goes on with the rollback",
        ) from None

    def _note(self, outcome: Ending, error: SystemManagerError | None) -> None:
        header = self.journal.entries.header
        remember(self.machine, header, outcome, error, seconds=history.elapsed(header.started))

    def _is_committed(self) -> bool:
        try:
            return read_committed(self.machine.root, self.machine.transaction)
        except SystemManagerError:
            return False  # the record was readable when we began, so this is not ours

    def _keep(self, error: SystemManagerError) -> None:
        """Record what is there now; when even that fails, the rollback is the safer end."""
        machine = self.machine
        try:
            self._commit()
        except OSError as failure:
            if not self._is_committed():
                machine.observer.notify(Warned(f"cannot keep the changes, because recording them fails: {failure}"))
                return
        self._finish(Ending.KEPT, error)
        raise NotRolledBackError(
            f"{error.what}\nthe activation failed and what was changed is kept, as asked for",
            where=error.where,
            hint="correct the configuration and switch again, or go back with 'system-manager rollback'",
        ) from None
