"""Ending a transaction: taking it back, finishing it, and dealing with one that a killed run left."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence

from system_manager.activation import boot_unit, history, package_files
from system_manager.activation.change import Change, Machine, Record
from system_manager.activation.generation_changes import drop_for_boot, profile_of
from system_manager.activation.history import Ending
from system_manager.activation.journal import Header, drop_saved, read_journal, remove_journal
from system_manager.activation.known_state import read_state, recalled
from system_manager.activation.obstacles import find_obstacle
from system_manager.activation.own_unit import leave_unit
from system_manager.activation.record_copy import keep_copy
from system_manager.activation.state import STATE_FILE, State, Unconfirmed
from system_manager.activation.unit_changes import ReloadManager
from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.base.events import ChangeApplied, ChangeReverted, Notice, PhaseFinished, PhaseStarted, Warned
from system_manager.host import files
from system_manager.host.root import Root

VERBS_OF_USERS = {"activate": "switch", "populate": "pre-populate"}
"""What users call a verb of the engine."""


class RolledBackError(SystemManagerError):
    """The activation failed and every change was taken back."""

    exit_code = ExitCode.ROLLED_BACK


class NotRolledBackError(SystemManagerError):
    """The activation failed and its changes are still there, or some of them."""

    exit_code = ExitCode.NOT_ROLLED_BACK


def outcome_of(unconfirmed: Unconfirmed | None, *, has_changes: bool) -> Ending:
    """How an activation ended that was committed."""
    if unconfirmed is not None:
        return Ending.UNCONFIRMED
    return Ending.CHANGED if has_changes else Ending.RECORDED


def take_back(
    machine: Machine, changes: Sequence[Change], state: State, *, before_end: Callable[[], None]
) -> list[str]:
    """Revert changes, the last one first as given; go on after a failure. Returns what went wrong.

    The journal stays when anything did, so that the next run tries again.

    :param state: what is gone back to.
    :param before_end: called when everything is back, while the journal is still there.
    """
    problems: list[str] = []
    with phase(machine, "taking back"):
        for change in changes:
            try:
                change.revert(machine)
            except Exception as error:
                problems.append(f"    {explain(error).what}")
                continue
            if change.marked:
                for step in change.describe():
                    machine.observer.notify(ChangeReverted(str(step)))
        if not problems:
            try:
                machine.flush()
                files.remove(f"{machine.root.join(STATE_FILE)}.new")
                before_end()
                _end(machine, state)
            except OSError as error:
                problems.append(f"    {explain(error).what}")
    return problems


def finish(machine: Machine, changes: Sequence[Change], state: State) -> None:
    """Drop everything that was kept to take the changes back from ``state``."""
    for change in changes:
        change.finish(machine)
    package_files.forget_unneeded(machine.root, state)
    keep_copy(machine.root, state)
    _end(machine, state, [change for change in changes if isinstance(change, ReloadManager) and change.last])


def _end(machine: Machine, state: State, reloads: Sequence[ReloadManager] = ()) -> None:
    drop_saved(machine.root)
    if state.at_boot is None:
        boot_unit.withdraw(machine.root)
        drop_for_boot(machine.root)
    of_ours = state.is_empty and recalled(machine.root) is None and boot_unit.remove(machine.root)
    if (of_ours or reloads) and machine.systemd is not None:
        try:
            machine.systemd.begin_to_reload()
            for step in (step for change in reloads for step in change.describe()):
                machine.observer.notify(ChangeApplied(str(step)))
        except SystemManagerError as error:
            # Until it reads its files again it knows units too many, none of which runs.
            machine.observer.notify(Warned(f"systemd knows units that are gone until 'daemon-reload': {error.what}"))
    remove_journal(machine.root)


def remember(
    machine: Machine,
    header: Header,
    outcome: Ending,
    error: SystemManagerError | None = None,
    *,
    seconds: float | None = None,
) -> None:
    """Add to the history. That it cannot be written is said, and changes nothing else.

    :param seconds: None when another run, which was killed, may have done it before.
    """
    if not header.transaction:
        return
    entry = history.Entry(
        history.instant(header.started),
        header.transaction,
        VERBS_OF_USERS.get(header.verb, header.verb),
        header.user,
        header.login,
        header.before,
        header.toplevel,
        profile_of(machine.root).current_number(),
        outcome,
        seconds,
        error.what.partition("\n")[0] if error is not None else None,
    )
    try:
        history.append(machine.root, entry, again=seconds is None)
    except OSError as problem:
        machine.observer.notify(Warned(f"the history cannot be written: {problem}"))


def read_committed(root: Root, transaction: str) -> bool:
    """Whether this transaction is the one that the state file is from."""
    return read_state(root).transaction == transaction


def recover(machine: Machine) -> bool:
    """Finish a transaction that a killed run left: forward when it was committed, else back.

    :returns: whether there was one.
    :raises NotRolledBackError: when taking it back fails.
    """
    entries = read_journal(machine.root)
    if entries is None:
        return False
    machine.transaction = entries.header.transaction
    with machine.interruption.deferred():
        state = read_state(machine.root)
        if entries.header.transaction and entries.header.transaction == state.transaction:
            remember(machine, entries.header, outcome_of(state.unconfirmed, has_changes=True))
            _finish_later(machine, entries.changes, state)
            machine.observer.notify(Notice("an earlier run had finished without cleaning up; that is done now"))
            return True
        machine.record = Record.of(state)
        leave_unit(machine, entries.may_have_run())
        problems = take_back(
            machine,
            entries.may_have_run(),
            state,
            before_end=lambda: remember(machine, entries.header, Ending.INTERRUPTED),
        )
    if problems:
        raise NotRolledBackError(
            "\n".join(["an interrupted activation could not be taken back entirely:", *problems]),
            hint="remove the cause, then run the command again",
        )
    verb = VERBS_OF_USERS.get(entries.header.verb, entries.header.verb) or "run"
    machine.observer.notify(Notice(f"an interrupted {verb} was taken back"))
    return True


def _finish_later(machine: Machine, changes: Sequence[Change], state: State) -> None:
    """As :func:`finish`, after the run that should have done it has ended."""
    try:
        finish(machine, changes, state)
    except OSError as error:
        problem = explain(error)
        raise SystemManagerError(
            f"what an earlier run kept for a way back that is not taken cannot be removed: {problem.what}",
            hint=problem.hint or "remove the cause, then run the command again",
        ) from None


def recover_only(machine: Machine) -> bool:
    """As :func:`recover`, for a run that has nothing else to do: what goes with a first activation goes, too."""
    found = recover(machine)
    if not found:
        boot_unit.tidy(machine.root)
        state = read_state(machine.root)
        if state.at_boot is None:
            boot_unit.withdraw(machine.root)
            drop_for_boot(machine.root)
        if state.is_empty:
            boot_unit.remove(machine.root)
    return found


@contextlib.contextmanager
def phase(machine: Machine, name: str) -> Iterator[None]:
    """Tell the observer what is being done."""
    machine.observer.notify(PhaseStarted(name))
    yield
    machine.observer.notify(PhaseFinished(name))


def explain(error: Exception) -> SystemManagerError:
    """Any failure as one that can be shown."""
    if isinstance(error, SystemManagerError):
        return error
    if not isinstance(error, OSError):
        return SystemManagerError(f"unexpected {type(error).__name__}: {error}", hint="please report this as a bug")
    if (obstacle := find_obstacle(error)) is not None:
        return obstacle
    name = error.filename2 or error.filename
    what = f"{error.strerror or error}" + (f": {os.fsdecode(name)}" if isinstance(name, str | bytes) else "")
    return SystemManagerError(what)
