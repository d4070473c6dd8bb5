"""Carrying a unit plan out: stop with the old definitions, read the new ones, then reload, restart and start.

On the way back the order is turned around: what runs with the new definitions is stopped with them, then files
are put back, then what ran before is started again.
"""

from __future__ import annotations

import math
import time
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.unit_failures import UnitsFailedError, told, with_journal
from system_manager.activation.unit_phases import (
    UnitsToStart,
    bring_back,
    bring_up,
    forget_how_they_ended,
    put_down,
    take_down,
)
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.host.systemd import Systemd

DEFAULT_LIMIT = 600.0
"""Seconds for the units of one phase. systemd has limits of its own for each unit, so this one is generous."""


class StopUnits(msgspec.Struct, frozen=True, tag="stop-units", omit_defaults=True):
    """Stop units while systemd still has their old definitions.

    :ivar stop: unit to reason.
    :ivar running: every unit that ran before and that this transaction may disturb.
    :ivar reload: of these, those that are only told to reload.
    :ivar limit: seconds that all of them together may take.
    :ivar planned: when that was, in seconds of the clock that nobody sets. What is up since then was started again
        meanwhile.
    """

    marked: ClassVar[bool] = True

    stop: dict[str, str]
    running: tuple[str, ...]
    reload: tuple[str, ...]
    limit: float = DEFAULT_LIMIT
    planned: float = math.inf

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [Step(Action.STOP, Subject.UNIT, name, reason=reason) for name, reason in self.stop.items()]

    def apply(self, machine: Machine) -> None:
        """Stop them all, and wait."""
        if not self.stop:
            return
        systemd, began = _systemd(machine), time.time()
        failures = take_down(systemd, self.stop, limit=self.limit, meanwhile=machine.meanwhile)
        if failures:
            raise UnitsFailedError(with_journal(failures, since=began))
        for name in forget_how_they_ended(systemd, self.stop):
            machine.observer.notify(Warned(f"{name} did not stop in its own TimeoutStopSec and was killed"))

    def revert(self, machine: Machine) -> None:
        """Read the old definitions again, and bring back what ran."""
        if machine.systemd is None:
            return
        machine.systemd.reload()
        for failure in bring_back(machine.systemd, self.running, self.reload, since=self.planned, limit=self.limit):
            machine.observer.notify(Warned("\n".join(told(failure))))

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class ReloadManager(msgspec.Struct, frozen=True, tag="reload-manager", omit_defaults=True):
    """Have systemd read all unit files again. Reading the old ones again is part of taking the stops back.

    :ivar forgotten: units without a definition from now on, whose failures are forgotten in the end.
    :ivar last: nothing is started with what is read, so it is done once, with the last thing that is cleaned up.
    """

    marked: ClassVar[bool] = False  # there is nothing to take back

    forgotten: tuple[str, ...] = ()
    last: bool = False

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.RELOAD, Subject.COMMAND, "systemd")]

    def apply(self, machine: Machine) -> None:
        """daemon-reload. All files are in place, so they are flushed to disk meanwhile."""
        with _systemd(machine).reloading():
            machine.flush()

    def revert(self, machine: Machine) -> None:
        """Nothing: files are not back yet."""

    def finish(self, machine: Machine) -> None:
        """Forget failures of what is gone."""
        if self.forgotten and machine.systemd is not None:
            machine.systemd.reset_failed(self.forgotten)


class StartUnits(msgspec.Struct, frozen=True, tag="start-units", omit_defaults=True):
    """Reload, restart and start units, and see whether they stay up; ``limit`` and ``settle`` are in seconds."""

    marked: ClassVar[bool] = True

    units: UnitsToStart
    limit: float = DEFAULT_LIMIT
    settle: float = 0.0

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [Step(action, Subject.UNIT, name, reason=reason) for action, name, reason in self.units.actions()]

    def apply(self, machine: Machine) -> None:
        """Go through the phases; raise at the end with everything that failed."""
        began = time.time()
        failures = bring_up(_systemd(machine), self.units, limit=self.limit, settle=self.settle)
        machine.record.pending = {failure.unit for failure in failures}
        if failures:
            raise UnitsFailedError(with_journal(failures, since=began))

    def revert(self, machine: Machine) -> None:
        """Stop, with the new definitions, everything that was started with them."""
        if machine.systemd is None:
            return
        for failure in put_down(machine.systemd, self.units, limit=self.limit):
            machine.observer.notify(Warned("\n".join(told(failure))))

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _systemd(machine: Machine) -> Systemd:
    if machine.systemd is None:
        raise SystemManagerError("systemd does not run here", hint="boot the machine, then run the command again")
    return machine.systemd
