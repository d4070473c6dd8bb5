"""What the next boot changes the machine to: a generation that was chosen for it, or the one that was left for a test.

The choice is part of the state, so it is made and dropped by the same rename as everything else that an activation
decides. ``system-manager-recover.service`` carries it out.
"""

from __future__ import annotations

import contextlib

import msgspec

from system_manager.activation import boot_unit, package_files
from system_manager.activation.change import Machine
from system_manager.activation.checks import check_plan, run_author_checks
from system_manager.activation.generation_changes import drop_for_boot, keep_for_boot, profile_of
from system_manager.activation.known_state import read_state
from system_manager.activation.plan import Plan, Target, make_plan
from system_manager.activation.recovery import phase
from system_manager.activation.state import AtBoot, State, make_directories, write_state
from system_manager.activation.toplevel import read_toplevel
from system_manager.activation.transaction import activate, new_identifier
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.generation.manifest import nothing
from system_manager.host import files


def choose_for_boot(machine: Machine, target: Target) -> Plan:
    """Have the next boot change the machine to ``target``, a generation from now on. The caller holds the lock.

    Returns what the boot will do, as far as can be said now. Raises :class:`SystemManagerError` when it could not.
    """
    _look_for_program(machine)
    state = read_state(machine.root)
    machine.transaction = new_identifier()
    assert target.toplevel is not None
    with phase(machine, "planning"):
        plan = make_plan(machine, state, target)
    with phase(machine, "checking"):
        check_plan(machine, plan)
        run_author_checks(machine, plan)
        package_files.prepare(machine, target.toplevel, plan.changes, state.packages)
    machine.interruption.checkpoint()
    profile = profile_of(machine.root)
    number = profile.number_for(target.toplevel)
    is_new = number not in profile.numbers()
    at_boot = None
    if target.toplevel != state.toplevel or number != profile.current_number():
        at_boot = AtBoot("boot", target.toplevel, number)
    try:
        profile.add(number, target.toplevel)
        # A generation may have been registered a moment ago, and nobody waits for the disk then.
        needed = ("/nix/store", package_files.PACKAGES_DIRECTORY)
        files.make_durable([], set(), whole=tuple(map(machine.root.join, needed)))
        _write_choice(machine, state, at_boot)
    except OSError as error:
        if is_new:
            with contextlib.suppress(OSError):
                profile.remove(number)
        raise SystemManagerError(f"the choice cannot be written: {error.strerror}", where=error.filename) from None
    with contextlib.suppress(OSError):  # what is not needed any more goes another time
        package_files.forget_unneeded(machine.root, msgspec.structs.replace(state, at_boot=at_boot))
    return plan


def _write_choice(machine: Machine, state: State, at_boot: AtBoot | None) -> None:
    if at_boot is not None:
        make_directories(machine.root)
        for path, has_content in boot_unit.install(machine.root).items():
            machine.note_entry(path, written=has_content)
        keep_for_boot(machine, at_boot.toplevel)
        machine.flush()
        boot_unit.announce(machine.root)
    write_state(machine.root, msgspec.structs.replace(state, at_boot=at_boot))
    if at_boot is None:
        drop_for_boot(machine.root)
        boot_unit.withdraw(machine.root)


def go_on_at_boot(machine: Machine) -> bool:
    """While the machine boots: change to what was chosen for this boot. Returns whether anything was.

    :raises SystemManagerError: as :func:`activate`. The choice stays, and the next boot tries again.
    """
    state = read_state(machine.root)
    chosen = state.at_boot
    if chosen is None:
        return False
    manifest = nothing() if chosen.toplevel is None else read_toplevel(machine.root, chosen.toplevel)
    activate(machine, state, Target(chosen.toplevel, manifest, chosen.number), verb=f"boot after {chosen.reason}")
    return True


def back_to_generation(machine: Machine, state: State, reason: str) -> AtBoot:
    """What the boot after a change goes back to that is not to last: the current generation, or what was chosen."""
    _look_for_program(machine)
    if state.at_boot is not None and state.at_boot.reason == "boot":
        return state.at_boot
    profile = profile_of(machine.root)
    number = profile.current_number()
    return AtBoot(reason, profile.toplevel(number) if number is not None else None, number)


def _look_for_program(machine: Machine) -> None:
    missing = boot_unit.missing_program(machine.root)
    if missing is not None:
        machine.observer.notify(
            Warned(f"there is no {missing} below {machine.root.path}: install System Manager there before it is booted")
        )
