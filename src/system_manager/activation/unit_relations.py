"""What the plan for one unit means for others: those that need it, and those that are in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from system_manager.activation.unit_file import UnitText, flag, values
from system_manager.activation.unit_plan import Side, UnitPlan
from system_manager.activation.unit_rules import cannot_be_stopped, keeps_running
from system_manager.activation.unit_sockets import accepts, service_of
from system_manager.host.systemd import RUNNING


def make_way(plan: UnitPlan, states: Mapping[str, str], new: Side) -> None:
    """Plan to have services down while their sockets are started, since systemd binds none for a running service."""
    for name in [name for name in plan.start if name.endswith(".socket") and states.get(name) not in RUNNING]:
        definition = new.text(name) or {}
        service = service_of(name, definition)
        if accepts(definition) or states.get(service) not in RUNNING or service in plan.stop:
            continue
        if (obstacle := keeps_running(service, new.text(service) or {})) is not None:
            plan.skip[name] = f"{plan.start.pop(name)}, and {service} runs without it: {obstacle}"
            continue
        plan.stop[service] = plan.start[service] = f"{name} cannot be bound while it runs"
        for others in (plan.restart, plan.reload):
            others.pop(service, None)


def conflicts_of(definition: UnitText) -> set[str]:
    """Units that go down when this one starts; names with specifiers are left to systemd."""
    words = {word for value in values(definition, "Unit", "Conflicts") for word in value.split()}
    return {word for word in words if "%" not in word}


def give_precedence(plan: UnitPlan, states: Mapping[str, str], old: Side, new: Side) -> None:
    """Plan to have down what conflicts with what is started, since systemd stops it then in any case.

    Of two that are to start, the one that says so is started. A unit of somebody else's comes back when ours goes.
    """
    starting = sorted([*plan.start, *plan.restart])
    if all(states.get(name) in RUNNING for name in starting):
        return  # next to everything else that runs, so nothing conflicts with them
    running = {other: _conflicts(new, other) for other in new.units if states.get(other) in RUNNING}
    for name in starting:
        if states.get(name) in RUNNING or name not in plan.start:
            continue
        theirs = {other for other, conflicts in running.items() if name in conflicts}
        for other in sorted((_conflicts(new, name) | theirs) - {name}):
            may_be_stopped = cannot_be_stopped(other, old.text(other) or {}) is None
            why = f"{name} conflicts with it"
            _make_way_for_another(plan, other, why, runs=states.get(other) in RUNNING, may_be_stopped=may_be_stopped)
            if other in plan.stop and not new.owns(other):
                plan.displaced.add(other)


def _conflicts(side: Side, name: str) -> set[str]:
    return conflicts_of(side.text(name) or {})


def _make_way_for_another(plan: UnitPlan, name: str, why: str, *, runs: bool, may_be_stopped: bool) -> None:
    was_to_start = name in plan.start or name in plan.restart
    for chosen in (plan.start, plan.restart, plan.reload):
        chosen.pop(name, None)
    if not runs and was_to_start:
        plan.skip[name] = why
    elif runs and may_be_stopped:
        plan.stop[name] = why


# Settings by which a unit cannot run without another one, see systemd.unit(5).
_NEEDS = ("Requires", "Requisite", "BindsTo")


def start_dependents(plan: UnitPlan, dependents: Mapping[str, Iterable[str]], new: Side) -> set[str]:
    """Plan to start again what goes down with a unit that is stopped.

    What still needs a unit that is not started again is stopped with it; what needed it until now is not.

    :param dependents: running units that systemd stops together with a unit, by that unit.
    :returns: those that were not planned before.
    """
    found = set()
    for name, others in dependents.items():
        comes_back = name in plan.start or name in plan.restart
        for other in others:
            if not comes_back and _needs(new, other, name):
                found |= _stop_with(plan, name, other, new)
                continue
            if flag(new.text(other) or {}, "Unit", "RefuseManualStart", default=False):
                _restart_in_one(plan, name, other)
            elif other not in plan.stop and other not in plan.restart and other not in plan.start:
                plan.start[other] = f"it depends on {name}" if comes_back else f"it depended on {name}"
                plan.reload.pop(other, None)
                found.add(other)
    return found


def _stop_with(plan: UnitPlan, name: str, other: str, new: Side) -> set[str]:
    """Say of a unit of ours that systemd stops it with another one."""
    obstacle = cannot_be_stopped(other, new.text(other) or {})
    if not new.owns(other) or obstacle is not None or other in plan.stop:
        return set()
    plan.stop[other] = f"it needs {name}"
    for chosen in (plan.start, plan.restart, plan.reload):
        chosen.pop(other, None)
    return {other}


def _restart_in_one(plan: UnitPlan, name: str, other: str) -> None:
    """Of a unit that nobody can start by hand, systemd restarts what it depends on together with it, or not at all."""
    if name in plan.stop and name in plan.start:
        plan.restart[name] = plan.stop.pop(name)
        del plan.start[name]
    elif name not in plan.restart and other not in plan.stop:
        plan.skip[other] = f"goes down with {name}, and RefuseManualStart=true"


def _needs(side: Side, name: str, other: str) -> bool:
    """Whether a unit goes down, and stays down, with another one."""
    definition = side.text(name)
    if definition is None:
        return True  # nothing to start
    named = [word for key in _NEEDS for value in values(definition, "Unit", key) for word in value.split()]
    unit = side.units.get(other)
    return other in named or (unit is not None and name in unit.required_by)
