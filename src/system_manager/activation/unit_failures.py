"""Units that did not do what was asked: what happened, in words, with the last lines of their journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from system_manager.base.errors import SystemManagerError
from system_manager.base.process import signal_name
from system_manager.host.systemd import JobOutcome, Systemd, UnitStatus, Verb, journal_tail

_INFINITE = 2**64 - 1
_EXITED = 1  # CLD_EXITED, see sigaction(2): what is above it was a signal

_OF_JOBS = {
    "failed": "failed",
    "timeout": "did not finish within JobTimeoutSec",
    "dependency": "could not run because a unit that it needs failed",
    "assert": "was not started because of one of its Assert settings",
    "unsupported": "is of a kind that this machine does not support",
}
_NEEDS = ("Requires", "Requisite", "BindsTo")
# Result of a service, see org.freedesktop.systemd1(5).
_OF_SERVICES = {
    "protocol": "ended, or did something else, before it said that it is ready",
    "watchdog": "did not answer its watchdog in time",
    "start-limit-hit": "was started too often in a short time",
    "oom-kill": "was killed because memory ran out",
    "resources": "could not be set up by systemd",
}


class UnitFailure(msgspec.Struct, frozen=True):
    """A unit that is not as it should be. ``journal`` holds its last lines."""

    unit: str
    what: str
    journal: tuple[str, ...] = ()


class UnitsFailedError(SystemManagerError):
    """Units did not come up, or did not go down."""

    def __init__(self, failures: Iterable[UnitFailure]) -> None:
        self.failures = tuple(failures)
        names = " ".join(failure.unit for failure in self.failures)
        what = "\n".join(line for failure in self.failures for line in told(failure))
        super().__init__(what, hint=f"'journalctl --unit UNIT' has more; units: {names}")


def told(failure: UnitFailure) -> list[str]:
    """A failure as lines of text."""
    return [f"{failure.unit} {failure.what}", *(f"    {line}" for line in failure.journal)]


def matters(outcome: JobOutcome) -> bool:
    """Stopping what systemd does not know, or what went down by itself, is no failure."""
    return outcome.is_failure and "not loaded" not in outcome.message and "not found" not in outcome.message


def word(outcome: JobOutcome, limit: float) -> str:
    """How a job ended, without a look at its unit. ``limit`` is the activation's own, in seconds."""
    match outcome.result:
        case "refused":
            return f"was refused by systemd: {outcome.message}"
        case "overdue":
            doing = {Verb.STOP: "stop", Verb.RELOAD: "reload"}.get(outcome.verb, "start")
            return f"did not {doing} within {limit:g} s, the limit of the activation (system-manager.unitTimeout)"
        case "failed" if outcome.verb is Verb.RELOAD:
            return "could not reload"
        case result:
            return _OF_JOBS.get(result, result)


def describe_jobs(systemd: Systemd, bad: Sequence[JobOutcome], *, limit: float) -> list[UnitFailure]:
    """What became of jobs that ended badly, with what their units say about it."""
    reasons = why_down(systemd, [outcome.unit for outcome in bad if outcome.result == "failed"])
    told_of = [UnitFailure(outcome.unit, reasons.get(outcome.unit) or word(outcome, limit)) for outcome in bad]
    needed = _failed_needs(systemd, [outcome.unit for outcome in bad if outcome.result == "dependency"])
    more = dict.fromkeys(sorted(needed - {outcome.unit for outcome in bad}), _OF_JOBS["failed"])
    return [*told_of, *describe_failed(systemd, more)] if more else told_of


def _failed_needs(systemd: Systemd, names: Iterable[str]) -> set[str]:
    """Of what these units need, directly or not, those that failed."""
    asked = set(names)
    states = systemd.units() if asked else {}
    failed: set[str] = set()
    seen: set[str] = set()
    while asked:
        seen |= asked
        statuses = [states[name] for name in asked if name in states]
        needs = {name for kind in _NEEDS for names in systemd.read(statuses, "Unit", kind).values() for name in names}
        failed |= {name for name in needs if name in states and states[name].active == "failed"}
        asked = {name for name in needs - seen if name in states and states[name].active == "inactive"}
    return failed


def describe_failed(systemd: Systemd, words: Mapping[str, str]) -> list[UnitFailure]:
    """Failures by unit; what systemd knows of a unit's end goes before the words."""
    reasons = why_down(systemd, words)
    return [UnitFailure(unit, reasons.get(unit) or what) for unit, what in words.items()]


def with_journal(failures: Iterable[UnitFailure], *, since: float, user: int | None = None) -> list[UnitFailure]:
    """The same with the last lines of the units' journal.

    :param since: seconds since the epoch.
    :param user: whose units they are; None for the system's.
    """
    return [
        msgspec.structs.replace(failure, journal=tuple(journal_tail(failure.unit, since=since, user=user)))
        for failure in failures
    ]


def why_down(systemd: Systemd, names: Iterable[str]) -> dict[str, str]:
    """What systemd knows of the last end of services, in words; only of those that ended badly."""
    asked = [name for name in names if name.endswith(".service")]
    states = systemd.units() if asked else {}
    services = [states[name] for name in asked if name in states]
    results = systemd.read(services, "Service", "Result")
    return {unit.name: _end(systemd, unit, results[unit.name]) for unit in services if unit.name in results}


def _end(systemd: Systemd, unit: UnitStatus, result: str) -> str:
    def read(name: str) -> int:
        return int(systemd.read([unit], "Service", name).get(unit.name, 0))

    again = " again and again" if unit.sub.startswith("auto-restart") else ""
    match result:
        case "timeout" if unit.sub.startswith("stop") or unit.sub.startswith("final"):
            return f"did not stop within {_span(read('TimeoutStopUSec'))}, its own TimeoutStopSec"
        case "timeout":
            return f"was not up within {_span(read('TimeoutStartUSec'))}, its own TimeoutStartSec"
        case "exit-code":
            status = read("ExecMainStatus") if read("ExecMainCode") == _EXITED else 0
            return f"failed with status {status}{again}" if status else f"failed: one of its commands did{again}"
        case "signal" | "core-dump":
            number = read("ExecMainStatus") if read("ExecMainCode") > _EXITED else 0
            name = signal_name(number) if number else "a signal"
            return f"was killed by {name}{again}"
        case _:
            return f"{_OF_SERVICES[result]}{again}" if result in _OF_SERVICES else ""


def _span(microseconds: int) -> str:
    return "no limit" if microseconds >= _INFINITE else f"{microseconds / 1e6:g} s"
