"""``system-manager-engine``: the privileged program. It reads a toplevel and moves the machine to it.

Standard output is one JSON object per line: events while it works, then the result (see
:mod:`system_manager.generation.event_stream`). The exit status is an :class:`~system_manager.base.errors.ExitCode`.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from system_manager.activation import history, recovery, transaction
from system_manager.activation.arguments import USAGE, Options, parse_arguments
from system_manager.activation.change import Machine
from system_manager.activation.checks import check_plan
from system_manager.activation.confirmation import (
    activate_until,
    confirm,
    go_back,
    go_back_unless_confirmed,
    read_settled_state,
)
from system_manager.activation.generation_changes import Selection, profile_of
from system_manager.activation.interruption import Interruption, stop_at_once
from system_manager.activation.journal import read_journal
from system_manager.activation.known_state import read_state
from system_manager.activation.next_boot import back_to_generation, choose_for_boot, go_on_at_boot
from system_manager.activation.packages import find_manager
from system_manager.activation.plan import Plan, Target, make_plan
from system_manager.activation.presentation import error_data, lines_of, plan_data, status_data
from system_manager.activation.state import LOCK_FILE, ORIGINALS_DIRECTORY, State
from system_manager.activation.status import read_status
from system_manager.activation.toplevel import read_toplevel
from system_manager.activation.unit_steps import NOT_RUNNING
from system_manager.base.ending import leave
from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.base.events import Notice, Observer
from system_manager.base.locks import holder_of
from system_manager.generation.event_stream import LineWriter
from system_manager.generation.manifest import Manifest, nothing
from system_manager.host.labels import find_labels
from system_manager.host.root import Root
from system_manager.host.systemd import Systemd, is_running


def new_machine(options: Options, observer: Observer, interruption: Interruption) -> Machine:
    """The machine that the options name."""
    root = Root(options.root, options.store_root)
    if not os.path.isdir(root.path):
        raise SystemManagerError("this directory does not exist", where=root.path)

    def connect(stop: Interruption) -> Systemd | None:
        # While the machine boots, waiting for a unit would be waiting for ourselves.
        return Systemd.connect(stop) if is_running(root) and not options.boot else None

    return Machine(
        root,
        observer=observer,
        interruption=interruption,
        limits=options.limits,
        connect=lambda _stop: connect(interruption),
        find_packages=find_manager,
        find_labels=find_labels,
    )


def _require_root(root: Root) -> None:
    if root.is_live and os.geteuid() != 0:
        raise SystemManagerError(
            "only root can change this machine", hint="run the command with sudo, or as root with --sudo"
        )


def _wanted(machine: Machine, options: Options) -> tuple[str, Manifest]:
    """The toplevel that was named, as links and records have it, and what it says."""
    toplevel = (options.toplevel or "").rstrip("/")
    return toplevel, read_toplevel(machine.root, toplevel)


def _plan(machine: Machine, options: Options) -> dict[str, Any]:
    if (running := holder_of(machine.root.join(LOCK_FILE))) is not None:
        machine.observer.notify(
            Notice(f"{running} is changing this machine right now; the plan may be another one then")
        )
    elif read_journal(machine.root) is not None:
        machine.observer.notify(Notice("an interrupted run will be taken back first; the plan may change by that"))
    machine.transaction = transaction.new_identifier()
    target = Target(*_wanted(machine, options), repair=options.repair)
    state = read_state(machine.root)
    if state.unconfirmed is not None:
        machine.observer.notify(
            Notice("the last change waits for being confirmed; nothing else can be changed until then")
        )
    plan = make_plan(machine, state, target)
    if not plan.conflicts:
        check_plan(machine, plan)
    return {"outcome": "planned", **plan_data(plan, lines_of(plan, diffs_in=machine.root))}


def _activate(machine: Machine, options: Options) -> dict[str, Any]:
    target = Target(*_wanted(machine, options), repair=options.repair)
    return _ended(machine, options, lambda: _move(machine, target, options))


def _test(machine: Machine, options: Options) -> dict[str, Any]:
    toplevel, manifest = _wanted(machine, options)
    with _settled(machine, options):
        back = back_to_generation(machine, read_state(machine.root), "test")
        is_trial = back.reason != "test" or back.toplevel != toplevel
        if is_trial:
            target = Target(toplevel, manifest, selection=Selection.NONE, at_boot=back, repair=options.repair)
        else:
            target = Target(toplevel, manifest, back.number, repair=options.repair)
        outcome = _move(machine, target, options)
    return _described(machine, outcome) | ({"testing": True} if is_trial else {})


def _boot(machine: Machine, options: Options) -> dict[str, Any]:
    toplevel, manifest = _wanted(machine, options)
    target = Target(toplevel, manifest)
    with _settled(machine, options):
        read_settled_state(machine)
        plan = choose_for_boot(machine, target)
    number = profile_of(machine.root).number_for(toplevel)
    return {"outcome": "at-next-boot", "generation": number, **plan_data(plan, lines_of(plan))}


def _populate(machine: Machine, options: Options) -> dict[str, Any]:
    if is_running(machine.root):
        raise SystemManagerError(
            "systemd runs here, and would not be told of its new units",
            hint="use 'switch', or 'boot' to have it take effect at the next boot; this is for images",
        )
    return _test(machine, options) if options.ephemeral else _activate(machine, options)


def _rollback(machine: Machine, options: Options) -> dict[str, Any]:
    def roll_back() -> transaction.Outcome:
        state = read_state(machine.root)
        if options.to is None and state.unconfirmed is not None:
            return go_back(machine, state, verb=options.verb)
        number = _generation_before(machine, state) if options.to is None else options.to
        toplevel = profile_of(machine.root).toplevel(number)
        return _move(machine, Target(toplevel, read_toplevel(machine.root, toplevel), number), options)

    return _ended(machine, options, roll_back)


def _generation_before(machine: Machine, state: State) -> int:
    profile = profile_of(machine.root)
    current = profile.current_number()
    if current is None and state.left is not None:
        return state.left
    if current in profile.numbers() and current is not None and profile.toplevel(current) != state.toplevel:
        # The last activation failed and was kept: what the profile names is what to go back to.
        return current
    return profile.previous_number(state.toplevel)


def _deactivate(machine: Machine, options: Options) -> dict[str, Any]:
    result = _ended(machine, options, lambda: _move(machine, Target(None, nothing()), options))
    stays = ["the generations (none is current now)"]
    if os.path.isdir(machine.root.join(ORIGINALS_DIRECTORY)):
        stays.append(f"backups whose place is taken, in {ORIGINALS_DIRECTORY}")
    locked = sorted(name for name, owned in read_state(machine.root).users.items() if owned.locked is not None)
    if locked:
        stays.append(f"accounts that were made, locked: {', '.join(locked)}")
    return {**result, "stays": stays}


def _uninstall(machine: Machine, options: Options) -> dict[str, Any]:
    from system_manager.activation.removal import forget_everything

    with _settled(machine, options):
        state = read_settled_state(machine)
        outcome = transaction.activate(machine, state, Target(None, nothing()), verb=options.verb)
        with machine.interruption.deferred():
            stays = forget_everything(machine, read_state(machine.root))
    return {**_described(machine, outcome), "outcome": "uninstalled", "stays": stays}


def _move(machine: Machine, target: Target, options: Options) -> transaction.Outcome:
    """Go to the target. The caller holds the lock and has recovered."""
    state = read_settled_state(machine)
    if options.confirm is not None:
        seconds = options.confirm
        return activate_until(machine, state, target, seconds, verb=options.verb, rollback=options.rollback)
    return transaction.activate(machine, state, target, verb=options.verb, rollback=options.rollback)


def _confirm(machine: Machine, options: Options) -> dict[str, Any]:
    # A switch that has not ended yet is waited for: what it did is what is confirmed.
    return _ended(machine, options, lambda: confirm(machine), patience=math.inf)


def _undo(machine: Machine, options: Options) -> dict[str, Any]:
    outcome = go_back_unless_confirmed(machine, options.waiting or "")
    return {"outcome": "nothing-to-do"} if outcome is None else _described(machine, outcome)


def _ended(
    machine: Machine, options: Options, action: Callable[[], transaction.Outcome], *, patience: float | None = None
) -> dict[str, Any]:
    with _settled(machine, options, patience=patience):
        outcome = action()
    return _described(machine, outcome)


@contextlib.contextmanager
def _settled(machine: Machine, options: Options, *, patience: float | None = None) -> Iterator[None]:
    """Hold the lock, with nothing left that an interrupted run has begun: what the machine is, is read in here."""
    patience = options.wait if patience is None else patience
    with machine.interruption.handled(), transaction.locked(machine, options.verb, patience=patience):
        recovery.recover(machine)
        yield


def _described(machine: Machine, outcome: transaction.Outcome) -> dict[str, Any]:
    unconfirmed = outcome.plan.record.unconfirmed
    return {
        "outcome": outcome.end.value,
        "generation": profile_of(machine.root).current_number(),
        "secondsToConfirm": None if unconfirmed is None else unconfirmed.seconds,
        **plan_data(_without_systemd_note(outcome.plan), outcome.lines),
    }


def _without_systemd_note(plan: Plan) -> Plan:
    """A run that changed nothing has nothing that starts later either."""
    if plan.is_empty:
        plan.notices = [notice for notice in plan.notices if notice != NOT_RUNNING]
    return plan


def _register(machine: Machine, options: Options) -> dict[str, Any]:
    toplevel, _ = _wanted(machine, options)
    profile = profile_of(machine.root)
    with _settled(machine, options):
        number = profile.number_for(toplevel)
        try:
            profile.add(number, toplevel)
        except OSError as error:
            where = str(error.filename2 or error.filename or profile.link)
            raise SystemManagerError(
                f"the profile cannot be written: {error.strerror}", where=where, hint="nothing was registered"
            ) from None
    return {"outcome": "registered", "generation": number, "toplevel": toplevel}


def _status(machine: Machine, _options: Options) -> dict[str, Any]:
    return {"outcome": "status", **status_data(read_status(machine))}


def _history(machine: Machine, _options: Options) -> dict[str, Any]:
    import msgspec

    return {"outcome": "history", "activations": [msgspec.to_builtins(entry) for entry in history.read(machine.root)]}


def _recover(machine: Machine, options: Options) -> dict[str, Any]:
    with machine.interruption.handled(), transaction.locked(machine, options.verb, patience=options.wait):
        found = recovery.recover_only(machine)
        try:
            chosen = options.boot and go_on_at_boot(machine)
        finally:
            if options.boot:
                _boot_with_what_is_there(machine)
    if chosen:
        return {"outcome": "changed", "generation": profile_of(machine.root).current_number()}
    return {"outcome": "recovered" if found else "nothing-to-do"}


def _boot_with_what_is_there(machine: Machine) -> None:
    """The manager decided what to start before the files were put back: have it read and decide once more."""
    if is_running(machine.root):
        systemd = Systemd.connect(machine.interruption)
        systemd.reload()
        systemd.start_waiting_targets_again()


HANDLERS: dict[str, Callable[[Machine, Options], dict[str, Any]]] = {
    "plan": _plan,
    "activate": _activate,
    "test": _test,
    "boot": _boot,
    "populate": _populate,
    "rollback": _rollback,
    "deactivate": _deactivate,
    "uninstall": _uninstall,
    "register": _register,
    "status": _status,
    "history": _history,
    "confirm": _confirm,
    "undo": _undo,
    "recover": _recover,
}


_READS_ONLY = frozenset({"plan", "status", "history"})


def run_engine(arguments: Sequence[str], writer: LineWriter) -> ExitCode:
    """Do what the arguments say, and write the result."""
    try:
        options = parse_arguments(arguments)
        machine = new_machine(options, writer, Interruption())
        if options.verb not in _READS_ONLY:
            _require_root(machine.root)
        writer.finish(HANDLERS[options.verb](machine, options))
    except SystemManagerError as error:
        return _report(writer, error)
    except OSError as error:
        return _report(
            writer, SystemManagerError(str(error.strerror or error), where=str(error.filename or "") or None)
        )
    return ExitCode.DONE


def _report(writer: LineWriter, error: SystemManagerError) -> ExitCode:
    writer.finish({"outcome": "error", "error": error_data(error)})
    return error.exit_code


def main() -> NoReturn:
    """Do what ``sys.argv`` says, and end the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_at_once)
    arguments = sys.argv[1:]
    if arguments and arguments[0] in {"--help", "-h", "help"}:
        sys.stdout.write(USAGE)
        leave(ExitCode.DONE)
    # Names in the file system are bytes; what is no UTF-8 must not end the run.
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8", errors="backslashreplace")
    leave(run_engine(arguments, LineWriter(sys.stdout)))


if __name__ == "__main__":  # as units start it that an earlier version wrote
    main()
