"""What is done with the units of one manager, forth and back: the system's, or a user's.

Everything here returns what failed and raises only when the manager itself does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from system_manager.activation.change import Action
from system_manager.activation.unit_failures import UnitFailure, describe_failed, describe_jobs, matters, word
from system_manager.activation.unit_plan import UnitPlan
from system_manager.activation.units import EARLY_TARGET
from system_manager.host.systemd import JobOutcome, Systemd, Verb
from system_manager.host.unit_names import template_of


class UnitsToStart(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is done after the manager has read the new definitions.

    :ivar reload: unit to reason; likewise ``restart``, ``start`` and ``skip`` (changed, and left as it is).
    :ivar early: restart the target of the early oneshots first.
    :ivar watched: services whose start job says nothing about their being up.
    :ivar stopped: what was stopped with the old definitions.
    :ivar added: more units that there were not before; others may start them, as dependencies or on failures.
    :ivar awaited: targets that this boot has yet to reach and that have more to start now.
    """

    reload: dict[str, str] = {}
    restart: dict[str, str] = {}
    start: dict[str, str] = {}
    skip: dict[str, str] = {}
    early: bool = False
    watched: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: UnitPlan, *, early: bool = False) -> UnitsToStart:
        """As the plan says."""
        return cls(
            dict(sorted(plan.reload.items())),
            dict(sorted(plan.restart.items())),
            dict(sorted(plan.start.items())),
            dict(sorted(plan.skip.items())),
            early,
            tuple(sorted(plan.watched)),
            tuple(sorted(plan.stop)),
            tuple(sorted(plan.added)),
            tuple(sorted(plan.awaited)),
        )

    def actions(self) -> list[tuple[Action, str, str]]:
        """Action, unit and reason, in the order in which they are carried out."""
        return [
            (action, name, reason)
            for action, units in (
                (Action.KEEP, self.skip),
                (Action.RELOAD, self.reload),
                (Action.RESTART, self.restart),
                (Action.START, self.start),
            )
            for name, reason in units.items()
        ]


def take_down(
    systemd: Systemd, names: Iterable[str], *, limit: float, meanwhile: Callable[[], object] = lambda: None
) -> list[UnitFailure]:
    """Stop units, with the definitions that the manager has now. ``meanwhile`` is called while they stop."""
    outcomes = systemd.run_jobs(Verb.STOP, names, seconds=limit, meanwhile=meanwhile)
    return describe_jobs(systemd, [outcome for outcome in outcomes if matters(outcome)], limit=limit)


def forget_how_they_ended(systemd: Systemd, names: Iterable[str]) -> list[str]:
    """Units that were stopped are down from now on, not failed.

    Returns the services that did not stop in their own time: systemd ends them, and calls that done.
    """
    states = systemd.units()
    failed = [states[name] for name in names if name in states and states[name].active == "failed"]
    killed = [name for name, result in systemd.read(failed, "Service", "Result").items() if result == "timeout"]
    systemd.reset_failed(unit.name for unit in failed)
    return killed


def bring_up(systemd: Systemd, units: UnitsToStart, *, limit: float, settle: float) -> list[UnitFailure]:
    """Reload, restart and start, and see whether everything stays up.

    :param limit: seconds that all units of a phase together may take.
    :param settle: seconds for which the watched ones have to stay up.
    """
    systemd.reset_failed([*units.restart, *units.start])
    reload, restart, start = dict(units.reload), dict(units.restart), dict(units.start)
    revived = _running(systemd, units.stopped)
    for name in revived & start.keys():
        restart[name] = start.pop(name)
    outcomes = list(filter(matters, systemd.run_jobs(Verb.STOP, revived - restart.keys(), seconds=limit)))
    if units.early:
        outcomes += systemd.run_jobs(Verb.RESTART, [EARLY_TARGET], seconds=limit)
        if any(outcome.is_failure for outcome in outcomes):
            for name in start.keys() & _failed(systemd):
                del start[name]  # what has failed once does not run a second time
    if reload:
        _move_stopped(systemd, reload, start)
    for verb, chosen in ((Verb.RELOAD, reload), (Verb.RESTART, restart), (Verb.START, start)):
        outcomes += systemd.run_jobs(verb, sorted(chosen, key=str.lower), seconds=limit)
    if units.awaited:
        systemd.start_waiting_targets_again()
    failures = describe_jobs(systemd, [outcome for outcome in outcomes if outcome.is_failure], limit=limit)
    touched = {*reload, *restart, *start}
    cancelled = {outcome.unit for outcome in outcomes if outcome.result == "canceled" and outcome.unit in touched}
    failures += _look(systemd, touched - {failure.unit for failure in failures}, cancelled)
    return failures or _watch(systemd, units.watched, touched, settle)


def _running(systemd: Systemd, stopped: Collection[str]) -> set[str]:
    """What was started again by something else (a path, a timer, a socket) before systemd read the new definitions."""
    states = systemd.units() if stopped else {}
    return {name for name in stopped if name in states and states[name].is_running}


def _failed(systemd: Systemd) -> set[str]:
    return {name for name, status in systemd.units().items() if status.active == "failed"}


def _move_stopped(systemd: Systemd, reload: dict[str, str], start: dict[str, str]) -> None:
    """A unit that something else stopped meanwhile cannot be reloaded: start it instead."""
    states = systemd.units()
    for name in list(reload):
        if name not in states or not states[name].is_running:
            start[name] = reload.pop(name)


def _watch(systemd: Systemd, watched: Sequence[str], touched: set[str], settle: float) -> list[UnitFailure]:
    """Services of which a start tells nothing have to stay up for a while."""
    if not watched or settle <= 0:
        return []
    lapsed = systemd.watch(watched, seconds=settle)
    words = {name: f"did not stay up for {settle:g} s ({result})" for name, result in lapsed.items()}
    return describe_failed(systemd, words) + _look(systemd, touched - lapsed.keys())


def _look(systemd: Systemd, names: set[str], cancelled: Collection[str] = ()) -> list[UnitFailure]:
    states = systemd.units()
    touched = [states[name] for name in sorted(names) if name in states]
    up = {status.name for status in touched if status.active in {"active", "reloading", "refreshing"}}
    words = {name: "is not up: its job was cancelled" for name in cancelled if name not in up}
    words |= {status.name: "failed" for status in touched if status.active == "failed"}
    retried = [status for status in touched if status.sub.startswith("auto-restart")]
    for name, result in systemd.read(retried, "Service", "Result").items():
        if result != "success":
            words[name] = "fails again and again"
    return describe_failed(systemd, words)


def put_down(systemd: Systemd, units: UnitsToStart, *, limit: float) -> list[UnitFailure]:
    """Stop, with the new definitions, everything that was started with them, or is about to be."""
    states = systemd.units()
    added = {name for name in states if name in units.added or template_of(name) in units.added}
    started = dict.fromkeys([*units.restart, *units.start, *sorted(added)])
    loaded = [states[name] for name in started if name in states]
    running = [status.name for status in loaded if status.has_job or status.active not in {"inactive", "failed"}]
    outcomes = _insist(systemd, Verb.STOP, running, limit)
    systemd.reset_failed(started)
    return [UnitFailure(outcome.unit, word(outcome, limit)) for outcome in outcomes if matters(outcome)]


def bring_back(
    systemd: Systemd, running: Sequence[str], reload: Collection[str], *, since: float, limit: float
) -> list[UnitFailure]:
    """Start what ran before and is down, or is about to be stopped, with the old definitions; what was reloaded, and
    is up, is so again.

    :param since: seconds of the monotonic clock. What was started later was so with definitions that do not count any
        more.
    """
    states = systemd.units()
    down = [name for name in running if name not in states or states[name].has_job or not states[name].is_running]
    up = [states[name] for name in running if name not in down and name not in reload]
    starts = systemd.read(up, "Unit", "InactiveExitTimestampMonotonic")
    revived = [name for name, microseconds in starts.items() if microseconds > since * 1e6]
    systemd.reset_failed(running)
    outcomes = _insist(systemd, Verb.RESTART, revived, limit) + _insist(systemd, Verb.START, down, limit)
    outcomes += systemd.run_jobs(Verb.RELOAD, [name for name in reload if name not in down], seconds=limit)
    return [
        UnitFailure(outcome.unit, f"ran before; now it {word(outcome, limit)}")
        for outcome in outcomes
        if outcome.is_failure
    ]


def _insist(systemd: Systemd, verb: Verb, names: Iterable[str], limit: float) -> list[JobOutcome]:
    """Run jobs on the way back. What does not stop in time is killed, so that there is an end."""
    outcomes = {outcome.unit: outcome for outcome in systemd.run_jobs(verb, names, seconds=limit)}
    overdue = [name for name, outcome in outcomes.items() if outcome.result == "overdue"]
    if overdue:
        states = systemd.units()
        stuck = [name for name in overdue if name in states and states[name].active == "deactivating"]
        systemd.kill(stuck)
        outcomes.update((outcome.unit, outcome) for outcome in systemd.run_jobs(verb, stuck, seconds=limit))
    return list(outcomes.values())
