"""Asking a manager what runs, and planning its units with that."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from system_manager.activation.unit_definitions import Definitions
from system_manager.activation.unit_drift import IS_MASKED, NOT_READ_AGAIN, RUNS_THOUGH_MASKED, held_by_conditions
from system_manager.activation.unit_file import flag, values
from system_manager.activation.unit_plan import UnitPlan
from system_manager.activation.unit_relations import make_way, start_dependents
from system_manager.activation.unit_rules import is_reloaded_by_command
from system_manager.activation.units import plan_units
from system_manager.host.systemd import Systemd, UnitStatus

# Dependencies along which systemd stops one unit together with another, see systemd.unit(5).
_STOPPED_TOGETHER = ("RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo")
_KNOWS_NOTIFY_RELOAD = 253


def survey(
    systemd: Systemd,
    loaded: Mapping[str, UnitStatus],
    old: Definitions,
    new: Definitions,
    *,
    displaced: Iterable[str] = (),
    pending: Iterable[str] = (),
    shadowed: Iterable[str] = (),
) -> UnitPlan:
    """Plan the units of one manager.

    :param loaded: every unit that the manager has in memory.
    :param shadowed: units that somebody else's files are in the place of, which are left alone.
    """
    asked = {name for side in (old, new) for name in side.settings() if name not in loaded and "@." not in name}
    names = systemd.own_names(sorted(asked), loaded) if asked else {}
    old, new = old.under_own_names(names), new.under_own_names(names)
    left_alone = set(shadowed)
    states = {name: status.active for name, status in loaded.items() if name not in left_alone}
    awaited = _targets_that_are_waited_for(loaded)
    states |= dict.fromkeys(awaited, "activating")
    plan = plan_units(
        _with_aliases(systemd, loaded, states, new),
        old,
        new,
        displaced=displaced,
        pending=pending,
        unmet=_unmet(systemd, loaded, old, new),
    )
    _leave_to_the_boot(plan, awaited, new)
    _restart_what_systemd_does_not_reload(systemd, plan, new)
    plan_dependents(systemd, loaded, plan, new)
    return plan


def _targets_that_are_waited_for(loaded: Mapping[str, UnitStatus]) -> set[str]:
    """Those that a boot is about to reach; it decided what they start when it began."""
    basic = loaded.get("basic.target")
    if basic is None or not basic.is_running:
        return set()  # what is started would wait for the beginning of the boot, which may wait for us
    waiting = [one for one in loaded.values() if one.job == "start" and one.active == "inactive"]
    return {status.name for status in waiting if status.name.endswith(".target")}


def _leave_to_the_boot(plan: UnitPlan, awaited: Container[str], new: Definitions) -> None:
    """A boot that is under way may wait for this run, so that nothing that comes after it can be waited for."""
    for name in list(plan.start):
        after = values(new.text(name) or {}, "Unit", "After")
        before = [word for value in after for word in value.split() if word in awaited]
        if before:
            plan.start.pop(name)
            plan.watched.discard(name)
            plan.skip[name] = f"starts when this boot has reached {before[0]}"
            plan.awaited.update(before)


def _with_aliases(
    systemd: Systemd, loaded: Mapping[str, UnitStatus], states: Mapping[str, str], new: Definitions
) -> dict[str, str]:
    """The states, also by other names that units of ours are wanted by: systemd lists a unit under its own only."""
    asked = {other for unit in new.units.values() for other in unit.pulled_in_by}
    unknown = sorted(name for name in asked if name not in loaded and not new.parts(name) and "@." not in name)
    names = systemd.own_names(unknown, loaded) if unknown else {}
    return {**states, **{alias: states[name] for alias, name in names.items() if name in states}}


def _unmet(systemd: Systemd, loaded: Mapping[str, UnitStatus], old: Definitions, new: Definitions) -> list[str]:
    """Changed units that do not run because of a condition: nobody stopped them."""
    changed = [name for name in new.units if old.units.get(name) != new.units[name] and old.parts(name)]
    down = [loaded[name] for name in changed if name in loaded and loaded[name].active == "inactive"]
    return sorted(held_by_conditions(systemd, down))


def _restart_what_systemd_does_not_reload(systemd: Systemd, plan: UnitPlan, new: Definitions) -> None:
    """Older versions pass over a type that they do not know, and have nothing that would reload it then."""
    asked = [
        name for name in plan.reload if not is_reloaded_by_command(new.text(name) or {}) and name.endswith(".service")
    ]
    if asked and systemd.version() < _KNOWS_NOTIFY_RELOAD:
        for name in asked:
            why, only = plan.reload.pop(name), flag(new.text(name) or {}, "Service", "X-ReloadIfChanged", default=False)
            if only:
                plan.skip[name] = f"{why}, and this version of systemd does not know its way of being reloaded"
            else:
                plan.restart[name] = why


def plan_dependents(systemd: Systemd, loaded: Mapping[str, UnitStatus], plan: UnitPlan, new: Definitions) -> None:
    """Plan to start again what goes down with what is stopped."""
    asked = set(plan.stop) | set(plan.restart)
    while asked:
        statuses = [loaded[name] for name in asked if name in loaded]
        dependents: dict[str, list[str]] = {}
        for kind in _STOPPED_TOGETHER:
            for name, others in systemd.read(statuses, "Unit", kind).items():
                running = [other for other in others if other in loaded and loaded[other].is_running]
                dependents.setdefault(name, []).extend(other for other in running if not other.endswith(".target"))
        asked = start_dependents(plan, dependents, new)


def plan_repair(plan: UnitPlan, loaded: Mapping[str, UnitStatus], new: Definitions, found: Mapping[str, str]) -> None:
    """Also bring units into the state in which they were left.

    :param loaded: every unit that the manager has in memory.
    :param found: what is said of units that are not in it, see :func:`~.unit_drift.differences`.
    """
    for name, what in found.items():
        if name not in new.units or name in plan.stop or name in plan.start or name in plan.restart:
            continue
        if what == NOT_READ_AGAIN:
            continue  # for which the whole manager has to read its files
        if what == RUNS_THOUGH_MASKED:
            plan.stop[name] = f"it {what}"
        elif what == IS_MASKED and not new.owns(name):
            plan.skip[name] = "somebody masked it, and its unit file is not ours"
        elif not new.is_masked(name):
            plan.start[name] = f"it {what}"
    make_way(plan, {name: status.active for name, status in loaded.items()}, new)
