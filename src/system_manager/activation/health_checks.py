"""Health checks: what the configuration's author says has to work before an activation counts as done.

They run when the units are up and the commit has not been made, so that a failure takes everything back.
"""

from __future__ import annotations

import time
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.base.errors import SystemManagerError
from system_manager.base.process import CLEAN_ENVIRONMENT, run_bounded
from system_manager.generation.manifest import HealthCheck

_SHOWN_LINES = 10
_READ_BYTES = 1 << 16
_PAUSE_SECONDS = 0.1


class UnhealthyError(SystemManagerError):
    """Health checks did not pass."""


class CheckHealth(msgspec.Struct, frozen=True, tag="check-health"):
    """Run health checks. There is nothing to take back."""

    marked: ClassVar[bool] = True

    checks: tuple[HealthCheck, ...]

    def describe(self) -> list[Step]:
        """One line for each check."""
        return [
            Step(Action.RUN, Subject.COMMAND, f"health check {check.name}", check.url or "") for check in self.checks
        ]

    def apply(self, machine: Machine) -> None:
        """Try each until it passes or its retries are used up; raise with all that failed."""
        failed = [line for check in self.checks for line in _failure(check, machine)]
        if failed:
            raise UnhealthyError(
                "\n".join(failed), hint="repair what the checks look at, or correct system-manager.healthChecks"
            )

    def revert(self, machine: Machine) -> None:
        """Nothing was changed."""

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _failure(check: HealthCheck, machine: Machine) -> list[str]:
    """Lines that say how the last try failed; none when the check passes."""
    said: list[str] = []
    for attempt in range(check.retries + 1):
        if attempt:
            _pause(check.interval, machine)
        said = _try_script(check, machine) if check.script is not None else _try_url(check, machine)
        if not said:
            return []
    times = f" {check.retries + 1} times, the last time" if check.retries else ""
    return [f"health check {check.name} failed{times}: {said[0]}", *(f"    {line}" for line in said[1:])]


def _pause(seconds: float, machine: Machine) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        machine.interruption.checkpoint()
        time.sleep(min(_PAUSE_SECONDS, left))


def _try_script(check: HealthCheck, machine: Machine) -> list[str]:
    assert check.script is not None
    try:
        ended = run_bounded(
            [machine.root.real(check.script)],
            variables=CLEAN_ENVIRONMENT,
            seconds=check.timeout,
            checkpoint=machine.interruption.checkpoint,
        )
    except OSError as error:
        return [f"it cannot be run: {error.strerror}"]
    return [] if ended.status == 0 else [ended.describe(check.timeout), *_last_lines(ended.output)]


def _try_url(check: HealthCheck, machine: Machine) -> list[str]:
    """In a process of its own: reading an answer that comes byte by byte has no end that a socket's limit would set."""
    import sys

    assert check.url is not None
    program = [sys.executable, "-P", "-m", "system_manager.activation.health_request"]
    ended = run_bounded(
        [*program, check.url, f"{check.timeout:g}"],
        variables=CLEAN_ENVIRONMENT,
        seconds=check.timeout,
        checkpoint=machine.interruption.checkpoint,
    )
    if ended.status is None:
        return [f"{check.url} did not answer within {check.timeout:g} s"]
    first, _, rest = ended.output.partition("\n")
    if ended.status != 0:
        return [f"{check.url}: {first}"]
    if first == str(check.expected_status):
        return []
    return [f"{check.url} answered {first} instead of {check.expected_status}", *_last_lines(rest)]


def _last_lines(text: str) -> list[str]:
    return text.strip().splitlines()[-_SHOWN_LINES:]
