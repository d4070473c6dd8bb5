"""Taking over a machine from numtide/system-manager: what it manages is ours from the first activation on.

As long as nothing on the machine is ours and its record says that something is its, that record is read as if we had
written it. So what is still wanted stays, what is not goes, and originals that it keeps come back. Its record is set
aside when the first activation is committed.
"""

from __future__ import annotations

import contextlib
import os
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.state import SOFTWARE_LINK, Owned, OwnedCopy, OwnedLink, State
from system_manager.base.errors import SystemManagerError
from system_manager.generation.manifest import CopyFile, Manifest, Unit, nothing
from system_manager.generation.profile import DIRECTORY, NAME
from system_manager.host import files, numtide
from system_manager.host.files import Seen
from system_manager.host.root import LinkLoopError, Root

TAKEN_FROM = "numtide/system-manager"
ASIDE = f"{numtide.STATE_FILE}.taken-over"
_UNIT_DIRECTORY = "/etc/systemd/system"
_UNIT_DIRECTORIES = (f"{_UNIT_DIRECTORY}/", "/etc/systemd/user/")
_WANTS_OF_THE_DISTRIBUTION = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")


def taken_over(root: Root, state: State) -> State | None:
    """What the other program manages, as ours; None when it manages nothing. Raises :class:`SystemManagerError`.

    :param state: our own record, in which nothing is.
    """
    if not os.path.exists(root.join(numtide.STATE_FILE)):
        return None
    managed = numtide.read_record(root)
    return None if managed is None else _as_ours(root, state, managed)


def _as_ours(root: Root, state: State, managed: numtide.Managed) -> State:
    toplevel, manifest = _toplevel(root)
    described = {file.target: file for file in manifest.files}
    owned: dict[str, Owned] = {}
    for path, kept in managed.files.items():
        seen = files.look(root.join(path))
        file = described.get(path)
        # A directory cannot be given back; one that is missing is said so when it would be.
        is_possible = kept is not None and files.look(root.join(kept)).kind not in {"directory", "other"}
        backup = kept if is_possible else None
        entry = _owned(root, path, seen, file if isinstance(file, CopyFile) else None, backup)
        if isinstance(entry, OwnedCopy) and file is not None and not isinstance(file, CopyFile):
            entry = OwnedLink(file.source, backup)  # somebody put a file in place of its link
        if entry is not None:
            owned[path] = entry
    masked = [name for name, service in managed.services.items() if service.masked]
    for path in (*(f"{_UNIT_DIRECTORY}/{name}" for name in masked), SOFTWARE_LINK):
        seen = files.look(root.join(path))
        if seen.kind == "link" and path not in owned and (path == SOFTWARE_LINK or seen.text == "/dev/null"):
            owned[path] = OwnedLink(seen.text)
    units = _units(root, owned, managed)
    return msgspec.structs.replace(
        state,
        toplevel=toplevel,
        files=dict(sorted(owned.items())),
        directories=unit_directories(root, owned),
        units=units,
        tmpfiles=tuple(path for path in owned if path.startswith("/etc/tmpfiles.d/")),
        displaced=tuple(sorted(name for name, unit in units.items() if is_displaced(root, name, unit, owned))),
        taken_from=TAKEN_FROM,
    )


def _toplevel(root: Root) -> tuple[str | None, Manifest]:
    """What its profile names, as far as it is there."""
    toplevel = root.resolve(f"{DIRECTORY}/{NAME}")
    if not toplevel.startswith("/nix/store/"):
        return None, nothing()
    with contextlib.suppress(SystemManagerError):
        return toplevel, numtide.read_toplevel(root, toplevel)
    return toplevel, nothing()


def _owned(root: Root, path: str, seen: Seen, file: CopyFile | None, backup: str | None) -> Owned | None:
    """None for what cannot be ours, or is gone without having replaced anything."""
    if seen.kind == "link":
        return OwnedLink(seen.text, backup)
    if seen.kind == "file":
        source, digest = path, None
        if file is not None:
            with contextlib.suppress(OSError):
                source, digest = file.source, files.digest_of(root.real(file.source))
        # Without the source nobody can say whether it was edited; then it counts as it is.
        now = files.digest_of(root.join(path))
        untouched = seen if digest in {None, now} else files.ABSENT
        return OwnedCopy(source, digest or now, seen.mode, seen.user, seen.group, untouched, backup)
    return OwnedLink("", backup) if backup is not None else None


def _units(root: Root, owned: dict[str, Owned], managed: numtide.Managed) -> dict[str, Unit]:
    # Where they lead to in the end: until 1.1.0 it made each through another one.
    links = {path: _end_of(root, path, entry.text) for path, entry in owned.items() if isinstance(entry, OwnedLink)}
    units = numtide.units_of(links)
    for name, service in managed.services.items():
        if name not in units and not service.masked:
            units[name] = Unit(service.store_path)
    return units


def _end_of(root: Root, path: str, text: str) -> str:
    try:
        return root.resolve(path)
    except LinkLoopError:
        return text


def is_displaced(root: Root, name: str, unit: Unit, owned: dict[str, Owned]) -> bool:
    """Whether the distribution would run a unit in whose place another one, or none, was put."""
    if not unit.masked and unit.fragment is None:
        return False
    for directory in _WANTS_OF_THE_DISTRIBUTION:
        with contextlib.suppress(OSError):
            for wants in os.listdir(real := root.real(directory)):
                is_theirs = f"{directory}/{wants}/{name}" not in owned
                if wants.endswith(".wants") and is_theirs and os.path.lexists(f"{real}/{wants}/{name}"):
                    return True
    return False


def unit_directories(root: Root, owned: dict[str, Owned]) -> tuple[str, ...]:
    """Those of units' own links and drop-ins that hold nothing but ours. Any other may have been there before."""
    above = {target.rpartition("/")[0] for target in owned if target.startswith(_UNIT_DIRECTORIES)}
    candidates = sorted(path for path in above if path.endswith((".wants", ".requires", ".upholds", ".d")))
    return tuple(path for path in candidates if all(f"{path}/{name}" in owned for name in _names(root, path)))


def _names(root: Root, directory: str) -> list[str]:
    try:
        return os.listdir(root.real(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []


def notices_of(root: Root, state: State) -> list[str]:
    """What the user has to know of a takeover; nothing when there is none."""
    if not state.taken_from:
        return []
    found = [f"what {state.taken_from} manages is taken over; the accounts that it made stay as they are"]
    for path, entry in state.files.items():
        backup = root.join(numtide.backup_of(path))
        if entry.original is None and os.path.isdir(backup) and not os.path.islink(backup):
            found.append(f"{numtide.backup_of(path)} was a directory before {path} took its place; it stays there")
    return found


class SetRecordAside(msgspec.Struct, frozen=True, tag="set-record-aside"):
    """Rename the record of the program that managed the machine before: it manages nothing any more."""

    marked: ClassVar[bool] = False

    path: str = numtide.STATE_FILE
    aside: str = ASIDE

    def describe(self) -> list[Step]:
        """One line."""
        reason = f"{TAKEN_FROM} manages nothing on this machine any more"
        return [Step(Action.KEEP, Subject.FILE, self.path, f"as {self.aside}", reason)]

    def apply(self, machine: Machine) -> None:
        """Nothing yet: until the commit it is the record."""

    def revert(self, machine: Machine) -> None:
        """Nothing was done."""

    def finish(self, machine: Machine) -> None:
        """Rename it."""
        with contextlib.suppress(FileNotFoundError):
            os.rename(machine.root.join(self.path), machine.root.join(self.aside))
