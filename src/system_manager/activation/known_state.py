"""What is managed on this machine, by whomever it was recorded.

Our own record says it, or that of another program which managed the machine before. Where our record is lost, its copy
does, or else the generation that is active says what was declared, and what is there exactly as it says counts as ours.
"""

from __future__ import annotations

import os

import msgspec

from system_manager.activation.early_files import copied_where_needed
from system_manager.activation.generation_changes import GC_ROOT
from system_manager.activation.package_files import recall
from system_manager.activation.record_copy import read_copy
from system_manager.activation.state import (
    JOURNAL_FILE,
    ORIGINALS_DIRECTORY,
    STATE_FILE,
    Owned,
    OwnedCopy,
    OwnedLink,
    Recalled,
    State,
    load_state,
)
from system_manager.activation.takeover import is_displaced, taken_over, unit_directories
from system_manager.activation.toplevel import wanted_files
from system_manager.base.errors import SystemManagerError
from system_manager.generation.manifest import FILE_NAME, File, LinkFile, Unit, read_manifest
from system_manager.host import files
from system_manager.host.accounts import Accounts
from system_manager.host.root import LinkLoopError, Root

_UNIT_DIRECTORY = "/etc/systemd/system"
_USER_UNIT_DIRECTORY = "/etc/systemd/user"


def read_state(root: Root) -> State:
    """What is managed on this machine, by whomever. Raises :class:`SystemManagerError`."""
    state = load_state(root)
    if not state.is_empty:
        return state
    theirs = taken_over(root, state)
    # What an interrupted run had begun is taken back by the journal, and a first one has no record before its end.
    if theirs is not None or os.path.lexists(root.join(STATE_FILE)) or os.path.lexists(root.join(JOURNAL_FILE)):
        return theirs or state
    return recalled(root) or state


def recalled(root: Root) -> State | None:
    """The record as it can be made again; None when nothing is active, or nothing of it is there."""
    try:
        toplevel = os.readlink(root.join(GC_ROOT))
        if (copied := read_copy(root, toplevel)) is not None:
            return msgspec.structs.replace(copied, recalled=Recalled.COPIED)
        manifest = read_manifest(root.real(f"{toplevel}/{FILE_NAME}"))
    except (OSError, LinkLoopError, SystemManagerError):
        return None
    accounts = Accounts(root)
    owned: dict[str, Owned] = {}
    for file in copied_where_needed(wanted_files(manifest), root):
        if (entry := _as_declared(file, root, accounts)) is not None:
            owned[file.target] = entry
    if not owned:
        return None
    units = _there(manifest.units, _UNIT_DIRECTORY, owned)
    return State(
        toplevel=toplevel,
        files=owned,
        directories=unit_directories(root, owned),
        units=units,
        user_units=_there(manifest.user_units, _USER_UNIT_DIRECTORY, owned),
        tmpfiles=tuple(path for path in manifest.tmpfiles if path in owned),
        displaced=tuple(sorted(name for name, unit in units.items() if is_displaced(root, name, unit, owned))),
        packages=recall(root, toplevel) or {},
        recalled=Recalled.DECLARED,
    )


def _as_declared(file: File, root: Root, accounts: Accounts) -> Owned | None:
    """None for what is not there, or is somebody else's: the machine may have been made anew around its store."""
    directory, _, name = file.target.rpartition("/")
    try:
        path = root.join(f"{root.resolve(directory)}/{name}")
        seen = files.look(path)
        original = f"{ORIGINALS_DIRECTORY}{file.target}"
        kept = original if os.path.lexists(root.join(original)) else None
        if isinstance(file, LinkFile):
            return OwnedLink(file.source, kept) if seen.kind == "link" and seen.text == file.source else None
        user, group = accounts.user_id(file.user), accounts.group_id(file.group)
        given = (int(file.mode, 8), user, group)
        if seen.kind != "file" or user is None or group is None or (seen.mode, seen.user, seen.group) != given:
            return None
        digest = files.digest_of(root.real(file.source))
        if files.digest_of(path) != digest:
            return None
    except (OSError, LinkLoopError):
        return None
    return OwnedCopy(file.source, digest, seen.mode, user, group, seen, kept)


def _there(units: dict[str, Unit], directory: str, owned: dict[str, Owned]) -> dict[str, Unit]:
    """Units of which all files are where they were put."""

    def is_there(name: str, unit: Unit) -> bool:
        places = [f"{directory}/{name}"] if unit.fragment is not None or unit.masked else []
        places += [f"{directory}/{name}.d/{os.path.basename(path)}" for path in unit.drop_ins]
        return bool(places) and all(place in owned for place in places)

    return {name: unit for name, unit in units.items() if is_there(name, unit)}


def notices_of(state: State) -> list[str]:
    """What the user has to know of a record that was lost; nothing when it was not."""
    if state.recalled is None:
        return []
    if state.recalled is Recalled.COPIED:
        return ["the record of what is managed was lost, and is taken from its copy"]
    return [
        "the record of what is managed was lost: what is as the active generation declared it counts as ours, "
        "and accounts and directories count as having been there before"
    ]
