"""Units of users' own service managers, of those who are logged in or linger; the others read them at the next login.

The rules are those for the system's units, with two differences. What fails is told and no reason to take anything
back, since no user may hinder a change of the machine; likewise, all users together may hold it up for a minute only.
And units that a user has put in the place of ours are left alone.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.unit_definitions import USER_DIRECTORIES, Definitions
from system_manager.activation.unit_drift import ASKING_SECONDS, NOT_READ_AGAIN, differences, shadowed
from system_manager.activation.unit_failures import UnitFailure, told, with_journal
from system_manager.activation.unit_phases import UnitsToStart, bring_back, bring_up, put_down, take_down
from system_manager.activation.unit_survey import plan_dependents, plan_repair, survey
from system_manager.base.events import Warned
from system_manager.base.identity import NoAnswerError
from system_manager.base.records import record
from system_manager.generation.manifest import Unit
from system_manager.host.systemd import Systemd, Verb
from system_manager.host.user_managers import UserManager, ask_each, running_managers

_SECONDS = 60.0


class UserPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is done in the manager of one user; as the changes of the system's units, see there.

    :ivar running: every unit that ran before and that may be disturbed.
    :ivar stale: the manager has not read files that somebody changed.
    :ivar planned: as of the system's.
    """

    uid: int
    user: str
    stop: dict[str, str]
    running: tuple[str, ...]
    units: UnitsToStart
    stale: bool = False
    planned: float = math.inf

    @property
    def does_something(self) -> bool:
        """Whether any unit is stopped, reloaded, restarted or started, or its files have to be read again."""
        return self.stale or bool(self.stop or self.units.actions())


@record()
class UserPlan:
    """What was planned.

    :ivar silent: numbers of the users whose managers do not answer. They are left alone from then on.
    """

    parts: tuple[UserPart, ...] = ()
    silent: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()


def plan_user_units(
    machine: Machine, old: Mapping[str, Unit], new: Mapping[str, Unit], managed: frozenset[str], *, repair: bool
) -> UserPlan:
    """Plan for every manager that runs.

    :param managed: logical paths that are ours, before and after.
    :param repair: as in a plan's target.
    """
    systemd = machine.systemd
    managers = running_managers(systemd.units()) if systemd is not None else []
    if managers and os.geteuid() != 0:
        return UserPlan(notices=("only root can ask the service managers of users: their units are not in this plan",))
    before = Definitions(old, machine.root, managed, USER_DIRECTORIES)
    after = Definitions(new, machine.root, managed, USER_DIRECTORIES)
    answers = ask_each(
        managers,
        lambda manager, asked: msgspec.json.encode(_plan_one(manager, asked, before, after, repair=repair)),
        seconds=ASKING_SECONDS,
        checkpoint=machine.interruption.checkpoint,
    )
    planned = UserPlan()
    for manager, answer in answers.items():
        if isinstance(answer, NoAnswerError):
            planned.silent += (manager.identity.uid,)
            planned.notices += (
                f"{manager.name}'s service manager keeps its units until its next start: {answer.what}",
            )
        else:
            planned.parts += (msgspec.json.decode(answer, type=UserPart),)
    return planned


def _plan_one(manager: UserManager, systemd: Systemd, old: Definitions, new: Definitions, *, repair: bool) -> UserPart:
    loaded = systemd.units()
    theirs = shadowed(systemd, loaded, old, new)
    plan = survey(systemd, loaded, old, new, shadowed=theirs)
    found: dict[str, str] = {}
    if repair:
        found = differences(systemd, loaded, old)
        plan_repair(plan, loaded, new, {name: what for name, what in found.items() if name not in theirs})
        plan_dependents(systemd, loaded, plan, new)
    running = {name for name, status in loaded.items() if status.is_running}
    disturbed = {*plan.stop, *plan.restart, *plan.reload, *plan.start} & running
    units = UnitsToStart.of(plan)
    return UserPart(
        manager.identity.uid,
        manager.name,
        dict(sorted(plan.stop.items())),
        tuple(sorted(disturbed)),
        units,
        NOT_READ_AGAIN in found.values(),
        time.monotonic(),
    )


class StopUserUnits(msgspec.Struct, frozen=True, tag="stop-user-units"):
    """Stop units in the managers of users while these still have the old definitions."""

    marked: ClassVar[bool] = True

    parts: tuple[UserPart, ...]

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [
            Step(Action.STOP, Subject.USER_UNIT, name, f"of {part.user}", reason)
            for part in self.parts
            for name, reason in part.stop.items()
        ]

    def apply(self, machine: Machine) -> None:
        """Stop them all, and wait."""

        def down(systemd: Systemd, part: UserPart) -> list[UnitFailure]:
            failures = take_down(systemd, part.stop, limit=_SECONDS)
            systemd.reset_failed(part.stop)
            return failures

        _each(machine, {part.uid: part for part in self.parts if part.stop}, down)

    def revert(self, machine: Machine) -> None:
        """Read the old definitions again, and bring back what ran."""

        def back(systemd: Systemd, part: UserPart) -> list[UnitFailure]:
            systemd.reload()
            return bring_back(systemd, part.running, part.units.reload, since=part.planned, limit=_SECONDS)

        _each(machine, {part.uid: part for part in self.parts}, back)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class StartUserUnits(msgspec.Struct, frozen=True, tag="start-user-units"):
    """Have the managers of users read all unit files again; reload, restart and start units there.

    :ivar silent: numbers of users whose managers are left alone.
    :ivar settle: seconds for which services have to stay up that do not say when they are.
    """

    marked: ClassVar[bool] = True

    parts: tuple[UserPart, ...]
    silent: tuple[int, ...]
    settle: float

    def describe(self) -> list[Step]:
        """One line for each unit."""
        return [
            Step(action, Subject.USER_UNIT, name, f"of {part.user}", reason)
            for part in self.parts
            for action, name, reason in part.units.actions()
        ]

    def apply(self, machine: Machine) -> None:
        """Go through the phases, for all users at the same time."""

        def forth(systemd: Systemd, part: UserPart) -> list[UnitFailure]:
            systemd.reload()
            return bring_up(systemd, part.units, limit=_SECONDS, settle=self.settle)

        def late(systemd: Systemd) -> list[UnitFailure]:
            # It was started meanwhile and may have missed some files: what a login starts is to run.
            systemd.reload()
            systemd.run_jobs(Verb.START, ["default.target"], seconds=_SECONDS)
            return []

        parts = {part.uid: part for part in self.parts}
        others = _Others(self.silent, late)
        _each(machine, parts, forth, others=others, more_seconds=self.settle)

    def revert(self, machine: Machine) -> None:
        """Stop, with the new definitions, everything that was started with them."""
        parts = {part.uid: part for part in self.parts}
        _each(machine, parts, lambda systemd, part: put_down(systemd, part.units, limit=_SECONDS))

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


@record(frozen=True)
class _Others:
    """What to do in managers for which nothing was planned, but for those of some users."""

    left_alone: tuple[int, ...]
    act: Callable[[Systemd], list[UnitFailure]]

    def includes(self, manager: UserManager) -> bool:
        return manager.identity.uid not in self.left_alone


def _each(
    machine: Machine,
    parts: Mapping[int, UserPart],
    act: Callable[[Systemd, UserPart], list[UnitFailure]],
    *,
    others: _Others | None = None,
    more_seconds: float = 0.0,
) -> None:
    """Do something in every manager that runs, and tell what failed."""
    if machine.systemd is None:
        return

    def question(manager: UserManager, systemd: Systemd) -> bytes:
        part = parts.get(manager.identity.uid)
        failures = act(systemd, part) if part is not None else others.act(systemd) if others is not None else []
        return msgspec.json.encode(failures)

    managers = running_managers(machine.systemd.units())
    began = time.time()
    answers = ask_each(
        [one for one in managers if one.identity.uid in parts or (others is not None and others.includes(one))],
        question,
        seconds=_SECONDS + more_seconds,
        checkpoint=machine.interruption.checkpoint,
    )
    for manager, answer in answers.items():
        if isinstance(answer, NoAnswerError):
            machine.observer.notify(Warned(f"the service manager of {manager.name}: {answer.what}"))
            continue
        failures = msgspec.json.decode(answer, type=list[UnitFailure])
        for failure in with_journal(failures, since=began, user=manager.identity.uid):
            machine.observer.notify(Warned("\n".join([f"of {manager.name}: {told(failure)[0]}", *told(failure)[1:]])))
