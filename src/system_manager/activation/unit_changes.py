"""Carrying a unit plan out: stop with the old definitions, read the new ones, then reload, restart and start.

On the way back the order is turned around: what runs with the new definitions is stopped with them, then files
are put back, then what ran before is started again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.units import EARLY_TARGET
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.host.systemd import JobOutcome, Systemd, Verb, journal_tail


@dataclass(frozen=True, slots=True)
class UnitFailure:
    """A unit that is not as it should be. ``journal`` holds its last lines."""

    unit: str
    what: str
    journal: tuple[str, ...]


class UnitsFailedError(SystemManagerError):
    """Units did not come up, or did not go down."""

    def __init__(self, failures: Iterable[UnitFailure]) -> None:
        self.failures = tuple(failures)
        lines = []
        for failure in self.failures:
            lines.append(f"{failure.unit} {failure.what}")
            lines.extend(f"    {line}" for line in failure.journal)
        names = " ".join(failure.unit for failure in self.failures)
        super().__init__("\n".join(lines), hint=f"'journalctl --unit UNIT' has more; units: {names}")


_WORDS = {
    "failed": "failed",
    "timeout": "did not finish in time",
    "dependency": "could not run because a unit that it needs failed",
    "assert": "was not started because of one of its Assert settings",
    "unsupported": "is of a kind that this machine does not support",
}


class StopUnits(msgspec.Struct, frozen=True, tag="stop-units", omit_defaults=True):
    """Stop units while systemd still has their old definitions.

    :ivar stop: unit to reason.
    :ivar running: every unit that ran before and that this transaction may disturb.
    :ivar reload: of these, those that are only told to reload.
    """

    marked: ClassVar[bool] = True

    stop: dict[str, str]
    running: tuple[str, ...]
    reload: tuple[str, ...]

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [Step(Action.STOP, Subject.UNIT, name, reason=reason) for name, reason in self.stop.items()]

    def apply(self, machine: Machine) -> None:
        """Stop them all, and wait."""
        systemd = _systemd(machine)
        began = time.time()
        outcomes = systemd.run_jobs(Verb.STOP, self.stop, seconds=machine.limits.job)
        failures = _failures([outcome for outcome in outcomes if _matters(outcome)], began)
        if failures:
            raise UnitsFailedError(failures)

    def revert(self, machine: Machine) -> None:
        """Read the old definitions again, and bring back what ran."""
        if machine.systemd is None:
            return
        systemd = machine.systemd
        systemd.reload()
        states = systemd.units()
        down = [name for name in self.running if name not in states or not states[name].is_running]
        systemd.reset_failed(self.running)
        outcomes = systemd.run_jobs(Verb.START, down, seconds=machine.limits.job)
        up = [name for name in self.reload if name not in down]
        outcomes += systemd.run_jobs(Verb.RELOAD, up, seconds=machine.limits.job)
        for outcome in outcomes:
            if outcome.is_failure:
                machine.observer.notify(Warned(f"{outcome.unit} ran before and {_word(outcome)} now"))

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class ReloadManager(msgspec.Struct, frozen=True, tag="reload-manager", omit_defaults=True):
    """Have systemd read all unit files again. Reading the old ones again is part of taking the stops back.

    :ivar forgotten: units without a definition from now on, whose failures are forgotten in the end.
    """

    marked: ClassVar[bool] = True

    forgotten: tuple[str, ...] = ()

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.RELOAD, Subject.COMMAND, "systemd")]

    def apply(self, machine: Machine) -> None:
        """daemon-reload."""
        _systemd(machine).reload()

    def revert(self, machine: Machine) -> None:
        """Nothing: files are not back yet."""

    def finish(self, machine: Machine) -> None:
        """Forget failures of what is gone."""
        if self.forgotten and machine.systemd is not None:
            machine.systemd.reset_failed(self.forgotten)


class StartUnits(msgspec.Struct, frozen=True, tag="start-units", omit_defaults=True):
    """Reload, restart and start units, and see whether they stay up.

    :ivar early: restart the target of the early oneshots first.
    :ivar fresh: of all started units, those that did not run before.
    :ivar watched: services whose start job says nothing about their being up.
    """

    marked: ClassVar[bool] = True

    reload: dict[str, str]
    restart: dict[str, str]
    start: dict[str, str]
    skip: dict[str, str] = {}
    early: bool = False
    fresh: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [
            Step(action, Subject.UNIT, name, reason=reason)
            for action, units in (
                (Action.KEEP, self.skip),
                (Action.RELOAD, self.reload),
                (Action.RESTART, self.restart),
                (Action.START, self.start),
            )
            for name, reason in units.items()
        ]

    def apply(self, machine: Machine) -> None:
        """Go through the phases; raise at the end with everything that failed."""
        systemd = _systemd(machine)
        began, seconds = time.time(), machine.limits.job
        systemd.reset_failed([*self.restart, *self.start])
        outcomes: list[JobOutcome] = []
        if self.early:
            outcomes += systemd.run_jobs(Verb.RESTART, [EARLY_TARGET], seconds=seconds)
        reload, start = dict(self.reload), dict(self.start)
        if reload:
            self._move_stopped(systemd, reload, start)
        for verb, units in ((Verb.RELOAD, reload), (Verb.RESTART, self.restart), (Verb.START, start)):
            outcomes += systemd.run_jobs(verb, sorted(units, key=str.lower), seconds=seconds)
        failures = _failures([outcome for outcome in outcomes if outcome.is_failure], began)
        touched = {*reload, *self.restart, *start}
        known = {failure.unit for failure in failures}
        failures += self._look(machine, touched - known, began)
        if not failures and self.watched and machine.limits.settle > 0:
            systemd.wait(machine.limits.settle)
            failures = self._look(machine, touched, began)
        machine.record.pending = {failure.unit for failure in failures}
        if failures:
            raise UnitsFailedError(failures)

    def _move_stopped(self, systemd: Systemd, reload: dict[str, str], start: dict[str, str]) -> None:
        """A unit that something else stopped meanwhile cannot be reloaded: start it instead."""
        states = systemd.units()
        for name in list(reload):
            if name not in states or not states[name].is_running:
                start[name] = reload.pop(name)

    def _look(self, machine: Machine, names: set[str], began: float) -> list[UnitFailure]:
        systemd = _systemd(machine)
        states = systemd.units()
        touched = [states[name] for name in sorted(names) if name in states]
        failed = {status.name: "failed" for status in touched if status.active == "failed"}
        retried = [status for status in touched if status.sub == "auto-restart"]
        for name, status in systemd.read(retried, "Service", "ExecMainStatus").items():
            if status != 0:
                failed[name] = f"ends with status {status} again and again"
        watched = [status for status in touched if status.name in self.watched and status.name not in failed]
        for name, count in systemd.read(watched, "Service", "NRestarts").items():
            if count > 0:
                failed[name] = f"was restarted {count} times by systemd right after its start"
        return [_failure(name, what, began) for name, what in failed.items()]

    def revert(self, machine: Machine) -> None:
        """Stop, with the new definitions, everything that was started with them."""
        if machine.systemd is None:
            return
        systemd = machine.systemd
        states = systemd.units()
        running = [
            name
            for name in (*self.fresh, *self.restart, *self.start)
            if name in states and states[name].active not in {"inactive", "failed"}
        ]
        for outcome in systemd.run_jobs(Verb.STOP, dict.fromkeys(running), seconds=machine.limits.job):
            if _matters(outcome):
                machine.observer.notify(Warned(f"{outcome.unit} could not be stopped: {_word(outcome)}"))
        systemd.reset_failed([*self.fresh, *self.restart, *self.start])

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _systemd(machine: Machine) -> Systemd:
    if machine.systemd is None:
        raise SystemManagerError("systemd does not run here", hint="boot the machine, then run the command again")
    return machine.systemd


def _matters(outcome: JobOutcome) -> bool:
    """Stopping what systemd does not know, or what went down by itself, is no failure."""
    return outcome.is_failure and "not loaded" not in outcome.message and "not found" not in outcome.message


def _word(outcome: JobOutcome) -> str:
    if outcome.result == "refused":
        return f"was refused by systemd: {outcome.message}"
    return _WORDS.get(outcome.result, outcome.result)


def _failures(outcomes: Iterable[JobOutcome], began: float) -> list[UnitFailure]:
    return [_failure(outcome.unit, _word(outcome), began) for outcome in outcomes]


def _failure(name: str, what: str, began: float) -> UnitFailure:
    return UnitFailure(name, what, tuple(journal_tail(name, since=began)))
