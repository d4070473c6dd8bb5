"""Changes that are taken back unless somebody confirms them: for machines that a mistake could cut off.

systemd keeps the time, since a process of ours could be killed: a timer is started before the first change is made,
and starts the engine, which goes back. It counts in the clock that nobody sets. What was before is in the state, so
that a boot goes back, too, and in a root of the collector.
"""

from __future__ import annotations

import contextlib
import math
import time

from system_manager.activation import boot_unit, recovery, transaction
from system_manager.activation.change import Machine, Record
from system_manager.activation.generation_changes import Selection, plan_selection, profile_of
from system_manager.activation.interruption import stoppable
from system_manager.activation.known_state import read_state
from system_manager.activation.next_boot import back_to_generation
from system_manager.activation.plan import Plan, Target
from system_manager.activation.state import State, Unconfirmed
from system_manager.activation.toplevel import read_toplevel
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Notice, Warned
from system_manager.base.process import run
from system_manager.base.records import replace
from system_manager.generation.manifest import nothing
from system_manager.host.systemd import Verb

_SECONDS_TO_ANSWER = 30
_SECONDS_TO_TRY_AGAIN = 30


class WaitingError(SystemManagerError):
    """A change waits for being confirmed, and nothing else can be changed until then."""


class NothingToConfirmError(SystemManagerError):
    """No change waits for being confirmed."""


def read_settled_state(machine: Machine) -> State:
    """The record.

    :raises WaitingError: when a change waits: a second one would leave open what is gone back to.
    """
    state = read_state(machine.root)
    if state.unconfirmed is not None:
        raise WaitingError(
            "the last change waits for being confirmed",
            hint="'system-manager confirm' keeps it, 'system-manager rollback' takes it back now",
        )
    return state


def activate_until(
    machine: Machine, state: State, target: Target, seconds: float, *, verb: str, rollback: bool
) -> transaction.Outcome:
    """As :func:`transaction.activate`, and go back after ``seconds`` unless somebody confirms.

    What is the current generation already needs no confirmation. The caller holds the lock and has recovered.
    """
    profile = profile_of(machine.root)
    number = profile.current_number()
    if number is not None and state.toplevel == target.toplevel == profile.toplevel(number):
        return transaction.activate(machine, state, target, verb=verb, rollback=rollback)
    if machine.systemd is None and machine.root.is_live:
        raise SystemManagerError(
            "nothing was changed, because systemd does not run here, and nobody would take the change back in time"
        )
    waiting = replace(
        target,
        selection=Selection.WAITING,
        unconfirmed=Unconfirmed(seconds, state.toplevel, state.at_boot),
        at_boot=back_to_generation(machine, state, "confirm"),
    )
    try:
        return transaction.activate(
            machine, state, waiting, verb=verb, rollback=rollback, ready=lambda: _start_timer(machine, seconds)
        )
    finally:
        # Where the record cannot be read the timer goes on; it does nothing but what the record says by then.
        with contextlib.suppress(SystemManagerError):
            if read_state(machine.root).transaction != machine.transaction:
                _stop_timer(machine, machine.transaction)


def confirm(machine: Machine) -> transaction.Outcome:
    """Make what waits the current generation. The caller holds the lock and has recovered.

    :raises NothingToConfirmError: when nothing waits, for example since it was taken back in the meantime.
    """
    state = read_state(machine.root)
    if state.unconfirmed is None:
        raise NothingToConfirmError(
            "no change waits for being confirmed",
            hint="'system-manager history' shows whether it was taken back because nobody confirmed it in time",
        )
    record = Record.of(state)
    record.at_boot = record.unconfirmed = record.left = None
    number = profile_of(machine.root).waiting_number()
    change = plan_selection(machine.root, state.toplevel, Selection.CURRENT, number=number)
    target = Target(state.toplevel, nothing(), number)
    plan = Plan(target, [change] if change is not None else [], [], [], record, needs_record=True)
    machine.transaction = transaction.new_identifier()
    outcome = transaction.carry_out(machine, state, plan, verb="confirm")
    _stop_timer(machine, state.transaction)
    return outcome


def go_back(machine: Machine, state: State, *, verb: str) -> transaction.Outcome:
    """Take back what waits. The caller holds the lock and has recovered."""
    outcome = transaction.activate(machine, state, _before(machine, state), verb=verb)
    _stop_timer(machine, state.transaction)
    return outcome


def go_back_unless_confirmed(machine: Machine, waiting: str) -> transaction.Outcome | None:
    """What the timer starts. None when nothing is to be done, which includes that another change waits by now.

    :param waiting: the transaction that made the change.
    :raises SystemManagerError: when it is not possible.
    """
    while True:
        with machine.interruption.handled(), transaction.locked(machine, "undo", patience=math.inf):
            recovery.recover(machine)
            state = read_state(machine.root)
            if state.unconfirmed is None or state.transaction != waiting:
                return None
            left = state.unconfirmed.left()
            if left <= 0:
                return _at_any_price(machine, state)
        # The timer has counted from before the first change; it is from after the last one that there is time.
        with stoppable():
            time.sleep(left)


def _at_any_price(machine: Machine, state: State) -> transaction.Outcome:
    """Where the way back fails somewhere, half-way back is better than cut off."""
    try:
        return transaction.activate(machine, state, _before(machine, state), verb="undo")
    except recovery.RolledBackError as error:
        machine.observer.notify(Warned(f"{error.what}\ngoing back once more, whatever fails"))
    machine.accounts.forget()
    return transaction.activate(machine, state, _before(machine, state), verb="undo", rollback=False)


def _before(machine: Machine, state: State) -> Target:
    assert state.unconfirmed is not None
    toplevel = state.unconfirmed.toplevel
    manifest = nothing() if toplevel is None else read_toplevel(machine.root, toplevel)
    return Target(toplevel, manifest, selection=Selection.NONE, at_boot=state.unconfirmed.at_boot)


def _timer(waiting: str) -> str:
    return f"system-manager-undo-{waiting}.timer"


def _start_timer(machine: Machine, seconds: float) -> None:
    if machine.systemd is None:
        machine.observer.notify(
            Notice("systemd is not running here: the next boot takes the change back unless confirmed")
        )
        return
    command = boot_unit.engine_command(machine.root, "undo", "--waiting", machine.transaction)
    try:
        run(
            [
                "systemd-run",
                "--quiet",
                "--collect",
                f"--unit={_timer(machine.transaction).removesuffix('.timer')}",
                "--description=Go back to the generation of System Manager before, unless that is confirmed",
                f"--on-active={seconds:.3f}s",
                "--timer-property=AccuracySec=100ms",
                "--property=Restart=on-failure",
                f"--property=RestartSec={_SECONDS_TO_TRY_AGAIN}",
                "--",
                *command,
            ],
            timeout_seconds=_SECONDS_TO_ANSWER,
        )
    except SystemManagerError as error:
        raise SystemManagerError(
            f"nothing was changed, because the timer that would take it back cannot be started: {error.what}",
            where=error.where,
        ) from None


def _stop_timer(machine: Machine, waiting: str) -> None:
    """That it goes on would be without consequences, since the state says what waits."""
    if machine.systemd is not None:
        with contextlib.suppress(SystemManagerError):
            machine.systemd.run_jobs(Verb.STOP, [_timer(waiting)], seconds=_SECONDS_TO_ANSWER)
