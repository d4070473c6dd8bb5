"""Where the machine differs from what was put there: drift. Reads only."""

from __future__ import annotations

import os

from system_manager.activation import boot_unit
from system_manager.activation.account_drift import account_drift
from system_manager.activation.attributes import attribute_drift
from system_manager.activation.change import Drift, Machine, Subject
from system_manager.activation.generation_changes import profile_of
from system_manager.activation.journal import read_journal
from system_manager.activation.known_state import read_state
from system_manager.activation.state import LOCK_FILE, STATE_FILE, AtBoot, Owned, OwnedCopy, OwnedLink, State
from system_manager.activation.tmpfiles import are_applied
from system_manager.activation.tmpfiles_rules import read_rules, unlike_rules
from system_manager.activation.unit_drift import unit_drift, user_unit_drift
from system_manager.base.locks import holder_of
from system_manager.base.records import record
from system_manager.generation.profile import DIRECTORY, ProfileError
from system_manager.host import files
from system_manager.host.files import Seen
from system_manager.host.root import LinkLoopError, Root
from system_manager.host.unit_names import is_template


@record(frozen=True)
class UnitState:
    """A managed unit as systemd sees it."""

    name: str
    active: str
    sub: str


@record(frozen=True)
class Status:
    """The state of the machine.

    :ivar generation: the number that the profile points to.
    :ivar running: who changes the machine while this is read, e.g. "switch (process 12)".
    :ivar interrupted: an earlier run was killed, and the next one takes its changes back first.
    :ivar at_boot: what the next boot changes the machine to.
    :ivar waiting: the generation that waits for being confirmed; ``left`` are the seconds for that.
    """

    toplevel: str | None
    generation: int | None
    running: str | None
    interrupted: bool
    files: int
    units: tuple[UnitState, ...]
    packages: int
    drift: tuple[Drift, ...]
    at_boot: AtBoot | None = None
    waiting: int | None = None
    left: float | None = None


def read_status(machine: Machine) -> Status:
    """Compare every managed thing with the machine."""
    running = holder_of(machine.root.join(LOCK_FILE))
    state = read_state(machine.root)
    units = _unit_states(machine, state)
    drift = [
        *_record_drift(state),
        *_profile_drift(machine, state),
        *_toplevel_drift(machine, state),
        *(Drift(Subject.FILE, target, what) for target, what in _file_drift(machine, state)),
        *attribute_drift(machine, state),
        *_tmpfiles_drift(machine, state),
        *_boot_unit_drift(machine, state),
        *unit_drift(machine, state),
        *user_unit_drift(machine, state),
        *_package_drift(machine, state),
        *account_drift(machine, state),
    ]
    return Status(
        state.toplevel,
        profile_of(machine.root).current_number(),
        running,
        running is None and read_journal(machine.root) is not None,
        len(state.files),
        tuple(units[name] for name in sorted(units)),
        len(state.packages),
        tuple(drift),
        state.at_boot,
        profile_of(machine.root).waiting_number() if state.unconfirmed is not None else None,
        state.unconfirmed.left() if state.unconfirmed is not None else None,
    )


def _record_drift(state: State) -> list[Drift]:
    if state.recalled is None:
        return []
    return [Drift(Subject.FILE, STATE_FILE, "is lost, and made again by the next activation")]


def _profile_drift(machine: Machine, state: State) -> list[Drift]:
    profile = profile_of(machine.root)
    number = profile.current_number()
    meant = state.unconfirmed is not None or (state.at_boot is not None and state.at_boot.reason == "test")
    if state.toplevel is None or (number is None and meant):
        return []
    if number is None:
        return [Drift(Subject.GENERATION, f"{DIRECTORY}/{profile.name}", "is no link to a generation")]
    try:
        toplevel = profile.toplevel(number)
    except ProfileError:
        return [Drift(Subject.GENERATION, f"generation {number}", "is what the profile names, and is missing")]
    if toplevel != state.toplevel and not meant:
        return [Drift(Subject.GENERATION, f"generation {number}", f"is selected, but {state.toplevel} is active")]
    return []


def _toplevel_drift(machine: Machine, state: State) -> list[Drift]:
    if state.toplevel is None or state.taken_from or not _is_lost(state.toplevel, machine.root):
        return []
    return [Drift(Subject.GENERATION, state.toplevel, "is active, and is missing from the store")]


def _file_drift(machine: Machine, state: State) -> list[tuple[str, str]]:
    found = []
    for target, owned in state.files.items():
        directory, _, name = target.rpartition("/")
        try:
            parent = machine.root.resolve(directory)
        except LinkLoopError:
            found.append((target, "is out of reach: a directory above it is a link to itself"))
            continue
        path = machine.root.join(f"{parent}/{name}")
        seen = files.look(path)
        what = _difference(owned, seen, path, machine.root)
        if what is not None:
            found.append((target, what))
    return found


def _tmpfiles_drift(machine: Machine, state: State) -> list[Drift]:
    if not are_applied(machine.root):
        return []
    return [
        Drift(Subject.DIRECTORY, made, f"{what}, which {path} has made")
        for path in state.tmpfiles
        for made, what in unlike_rules(machine.root, machine.accounts, read_rules(machine.root, path)).items()
        if made not in state.files
    ]


def _is_lost(text: str, root: Root) -> bool:
    return text.startswith("/nix/store/") and not os.path.lexists(root.join(text))


def _difference(owned: Owned, seen: Seen, path: str, root: Root) -> str | None:
    if seen.kind == "absent":
        return "is missing"
    if isinstance(owned, OwnedLink):
        if seen.kind != "link":
            return f"is {files.NAMES[seen.kind]} now"
        if seen.text != owned.text:
            return f"points to {seen.text} now"
        return "leads to a store path that is missing" if _is_lost(owned.text, root) else None
    if seen == owned.seen:
        return None
    return _copy_difference(owned, seen, path)


def _copy_difference(owned: OwnedCopy, seen: Seen, path: str) -> str | None:
    if seen.kind != "file":
        return f"is {files.NAMES[seen.kind]} now"
    found = []
    try:
        if files.digest_of(path) != owned.digest:
            found.append("has another content")
    except OSError as error:
        found.append(f"cannot be read: {error.strerror}")
    if seen.mode != owned.mode:
        found.append(f"has mode {seen.mode:04o} instead of {owned.mode:04o}")
    if (seen.user, seen.group) != (owned.user, owned.group):
        found.append(f"belongs to {seen.user}:{seen.group} instead of {owned.user}:{owned.group}")
    return " and ".join(found) or None


def _unit_states(machine: Machine, state: State) -> dict[str, UnitState]:
    if machine.systemd is None or not state.units:
        return {}
    known = machine.systemd.units()
    return {
        name: UnitState(name, known[name].active, known[name].sub)
        if name in known
        else UnitState(name, "inactive", "dead")
        for name in state.units
        if not is_template(name)
    }


def _boot_unit_drift(machine: Machine, state: State) -> list[Drift]:
    if state.is_empty or not boot_unit.is_missing(machine.root):
        return []
    return [Drift(Subject.UNIT, boot_unit.UNIT, "is missing, so a power cut would not be dealt with at the next boot")]


def _package_drift(machine: Machine, state: State) -> list[Drift]:
    if not state.packages or machine.packages is None:
        return []
    installed = machine.packages.installed(state.packages)
    found = []
    for name, owned in state.packages.items():
        if name not in installed:
            found.append(Drift(Subject.PACKAGE, name, "is not installed any more"))
        elif owned.asked and installed[name].version != owned.version:  # what came along may be upgraded with the rest
            found.append(Drift(Subject.PACKAGE, name, f"is {installed[name].version} instead of {owned.version}"))
    return found
