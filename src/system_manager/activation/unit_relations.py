"""What the plan for one unit means for others: those that need it, and those that are in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from system_manager.activation.unit_file import values
from system_manager.activation.unit_plan import RUNNING, Side, UnitPlan
from system_manager.activation.unit_rules import keeps_running
from system_manager.activation.unit_sockets import accepts, service_of


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


# Settings by which a unit cannot run without another one, see systemd.unit(5).
_NEEDS = ("Requires", "Requisite", "BindsTo")


def start_dependents(plan: UnitPlan, dependents: Mapping[str, Iterable[str]], new: Side) -> set[str]:
    """Plan to start again what goes down with a unit that is stopped.

    What still needs a unit that is not started again goes down with it; what needed it until now does not.

    :param dependents: running units that systemd stops together with a unit, by that unit.
    :returns: those that were not planned before.
    """
    found = set()
    for name, others in dependents.items():
        comes_back = name in plan.start or name in plan.restart
        for other in others:
            if not comes_back and _needs(new, other, name):
                continue
            if other not in plan.stop and other not in plan.restart and other not in plan.start:
                plan.start[other] = f"it depends on {name}" if comes_back else f"it depended on {name}"
                plan.reload.pop(other, None)
                found.add(other)
    return found


def _needs(side: Side, name: str, other: str) -> bool:
    """Whether a unit goes down, and stays down, with another one."""
    definition = side.text(name)
    if definition is None:
        return True  # nothing to start
    named = [word for key in _NEEDS for value in values(definition, "Unit", key) for word in value.split()]
    unit = side.units.get(other)
    return other in named or (unit is not None and name in unit.required_by)
