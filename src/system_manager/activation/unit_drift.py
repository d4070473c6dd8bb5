"""Units that are not in the state in which they were left, in the manager of the system and in those of users."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

import msgspec

from system_manager.activation.change import Drift, Machine, Subject
from system_manager.activation.state import State
from system_manager.activation.unit_definitions import USER_DIRECTORIES, Definitions
from system_manager.activation.unit_file import flag, last
from system_manager.base.events import Warned
from system_manager.base.identity import NoAnswerError
from system_manager.base.process import CommandFailedError, run
from system_manager.host.systemd import Systemd, UnitStatus
from system_manager.host.unit_names import is_template
from system_manager.host.user_managers import UserManager, ask_each, running_managers

RUNS_THOUGH_MASKED = "runs although it is masked"
IS_MASKED = "is masked"
NOT_READ_AGAIN = "has other files than those that systemd has read"
# What is started once and then stays up, so that being down is a difference.
_STAYING = (".service", ".socket", ".timer", ".path", ".mount", ".automount", ".swap")
ASKING_SECONDS = 15.0


def unit_drift(machine: Machine, state: State) -> list[Drift]:
    """Those of the system."""
    if machine.systemd is None or not state.units:
        return []
    definitions = Definitions(state.units, machine.root, state.files.keys())
    found = differences(machine.systemd, machine.systemd.units(), definitions, unmet=has_unmet_condition)
    return [Drift(Subject.UNIT, name, what) for name, what in found.items()]


def user_unit_drift(machine: Machine, state: State) -> list[Drift]:
    """Those of users whose managers run. Only root can ask them; for others there is no answer."""
    if machine.systemd is None or not state.user_units or os.geteuid() != 0:
        return []
    definitions = Definitions(state.user_units, machine.root, state.files.keys(), USER_DIRECTORIES)

    def question(_manager: UserManager, systemd: Systemd) -> bytes:
        loaded = systemd.units()
        found = differences(systemd, loaded, definitions)
        theirs = shadowed(systemd, loaded, definitions)
        return msgspec.json.encode({name: what for name, what in found.items() if name not in theirs})

    managers = running_managers(machine.systemd.units())
    answers = ask_each(managers, question, seconds=ASKING_SECONDS, checkpoint=machine.interruption.checkpoint)
    drift = []
    for manager, answer in answers.items():
        if isinstance(answer, NoAnswerError):
            machine.observer.notify(Warned(f"the service manager of {manager.name} was not asked: {answer.what}"))
            continue
        for name, what in msgspec.json.decode(answer, type=dict[str, str]).items():
            drift.append(Drift(Subject.USER_UNIT, name, f"{what}, in the service manager of {manager.name}"))
    return drift


def differences(
    systemd: Systemd,
    loaded: Mapping[str, UnitStatus],
    definitions: Definitions,
    *,
    unmet: Callable[[str], bool] = lambda _name: False,
) -> dict[str, str]:
    """What there is to say of units of ours in one manager: a clause by name, in their order.

    :param loaded: every unit that the manager has in memory.
    :param unmet: asked of units with conditions that the manager has not tried since it knows them.
    """
    # A unit is missed only where something that runs wants it: a target may be for switches alone.
    active = {name for name, unit in loaded.items() if unit.active == "active"}
    found: dict[str, str] = {}
    down = []
    for name, unit in definitions.units.items():
        now = loaded.get(name)
        if is_template(name) or (unit.masked and now is None):
            continue
        if unit.masked:
            if now is not None and now.active == "active":
                found[name] = RUNS_THOUGH_MASKED
        elif now is not None and now.load == "masked":
            found[name] = IS_MASKED
        elif now is not None and now.active == "failed":
            found[name] = "failed"
        elif (now is None or now.active == "inactive") and active.intersection(unit.pulled_in_by):
            down.append(name)
    down = [name for name in down if name.endswith(_STAYING) and not _runs_once(definitions, name)]
    present = [loaded[name] for name in down if name in loaded]
    excused = held_by_conditions(systemd, present) | _in_conflict(systemd, loaded, present)
    others = systemd.own_names([name for name in down if name not in loaded], loaded)
    excused |= {alias for alias, name in others.items() if loaded[name].is_running}
    for name in down:
        if name not in excused and not (_has_conditions(definitions, name) and unmet(name)):
            masked = name not in loaded and definitions.is_masked_by_hand(name)
            found[name] = IS_MASKED if masked else "is not running"
    ours = [loaded[name] for name in definitions.units if name in loaded and name not in found]
    stale = systemd.read(ours, "Unit", "NeedDaemonReload")
    found.update({name: NOT_READ_AGAIN for name, is_stale in stale.items() if is_stale})
    return {name: found[name] for name in definitions.units if name in found}


def held_by_conditions(systemd: Systemd, units: Iterable[UnitStatus]) -> set[str]:
    """Of units that are down, those that were to start and did not because of what they ask for themselves."""
    chosen = list(units)
    unmet = {name for name, met in systemd.read(chosen, "Unit", "ConditionResult").items() if not met}
    tried = {name for name, at in systemd.read(chosen, "Unit", "ConditionTimestamp").items() if at}
    ends = systemd.read([unit for unit in chosen if unit.name.endswith(".service")], "Service", "Result")
    return (unmet & tried) | {name for name, result in ends.items() if result == "exec-condition"}


def _in_conflict(systemd: Systemd, loaded: Mapping[str, UnitStatus], units: Iterable[UnitStatus]) -> set[str]:
    """Of units that are down, those that something which runs has brought down, or would."""
    chosen = list(units)
    found = set()
    for kind in ("Conflicts", "ConflictedBy"):
        for name, others in systemd.read(chosen, "Unit", kind).items():
            if any(other in loaded and loaded[other].is_running for other in others):
                found.add(name)
    return found


def has_unmet_condition(name: str) -> bool:
    """Whether a condition holds a unit of the system back now; False where systemd (before 250) cannot say."""
    try:
        said = run(
            ["systemd-analyze", "condition", f"--unit={name}"],
            success=frozenset({0, 1}),
            timeout_seconds=ASKING_SECONDS,
        )
    except CommandFailedError:
        return False
    return "Conditions failed." in said.output + said.errors


def shadowed(systemd: Systemd, loaded: Mapping[str, UnitStatus], *definitions: Definitions) -> set[str]:
    """Units of ours that files of a user's own are in the place of."""
    ours = [status for name, status in loaded.items() if any(one.owns(name) for one in definitions)]
    fragments = systemd.read(ours, "Unit", "FragmentPath")
    # Debian's managers reach /etc/systemd/user through a link in /etc/xdg.
    known = {os.path.realpath(directory) for directory in USER_DIRECTORIES}
    return {name for name, path in fragments.items() if path and os.path.realpath(os.path.dirname(path)) not in known}


def _has_conditions(definitions: Definitions, name: str) -> bool:
    section = (definitions.text(name) or {}).get("Unit", {})
    return any(key.startswith("Condition") for key in section)


def _runs_once(definitions: Definitions, name: str) -> bool:
    definition = definitions.text(name) or {}
    once = name.endswith(".service") and last(definition, "Service", "Type") == "oneshot"
    return once and not flag(definition, "Service", "RemainAfterExit", default=False)
