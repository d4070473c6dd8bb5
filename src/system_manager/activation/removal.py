"""Leaving a machine for good: after everything was taken back, what we know of it goes, too."""

from __future__ import annotations

import contextlib
import os

from system_manager.activation.change import Machine
from system_manager.activation.generation_changes import ROOTS, profile_of
from system_manager.activation.record_copy import COPY
from system_manager.activation.state import (
    DIRECTORY,
    EDITED_DIRECTORY,
    LOCK_FILE,
    ORIGINALS_DIRECTORY,
    RUNTIME_DIRECTORY,
    STATE_FILE,
    State,
)
from system_manager.base.errors import SystemManagerError
from system_manager.host import files
from system_manager.host.accounts import Accounts

# Below our directory: what people wrote, and the record of another program.
_NOT_OURS = frozenset({"backups", "state"})


def forget_everything(machine: Machine, state: State) -> list[str]:
    """Remove the generations, the roots, the history and the record. The caller holds the lock; nothing is managed.

    May be done again after it was interrupted: the record goes last.

    :param state: the record as it is.
    :returns: what stays, each a clause.
    :raises SystemManagerError: when something cannot be removed.
    """
    stays = _what_stays(machine, state)
    profile = profile_of(machine.root)
    links = [profile.link, f"{profile.directory}/{profile.waiting_name}"]
    links += [machine.root.join(COPY), f"{machine.root.join(COPY)}.new"]
    links += [f"{profile.directory}/{profile.link_name(number)}" for number in profile.numbers()]
    try:
        for link in links:
            files.remove(link)
        _remove_if_empty(profile.directory)
        for path in ROOTS:
            files.remove(machine.root.join(path))
        _remove_records(machine.root.join(DIRECTORY))
        files.remove(machine.root.join(STATE_FILE))
        _remove_if_empty(machine.root.join(DIRECTORY))
    except OSError as error:
        raise SystemManagerError(
            f"nothing is managed any more, but not all could be removed: {error.strerror}",
            where=os.fsdecode(error.filename or ""),
            hint="remove the cause, then run 'system-manager uninstall' again",
        ) from None
    # The lock is held until we end; whoever comes later makes another one.
    with contextlib.suppress(OSError):
        files.remove(machine.root.join(LOCK_FILE))
        os.rmdir(machine.root.join(RUNTIME_DIRECTORY))
    return stays


def _what_stays(machine: Machine, state: State) -> list[str]:
    stays = []
    accounts = Accounts(machine.root)
    users = sorted(name for name, one in state.users.items() if one.created and accounts.user_id(name) == one.uid)
    groups = sorted(name for name, one in state.groups.items() if one.created and accounts.group_id(name) == one.gid)
    if made := [*users, *(name for name in groups if name not in users)]:
        stays.append(f"accounts that were made, locked: {', '.join(made)}")
    for directory, what in (
        (EDITED_DIRECTORY, "texts that somebody wrote into managed files"),
        (ORIGINALS_DIRECTORY, "originals whose place is taken"),
        (f"{DIRECTORY}/state", "the record of numtide/system-manager"),
    ):
        if any(names for _, _, names in os.walk(machine.root.join(directory))):
            stays.append(f"{what}, in {directory}")
    return stays


def _remove_records(top: str) -> None:
    """Remove all files but the last to go, the record itself, and what is not ours to remove."""
    for directory, names, found in os.walk(top):
        names[:] = [name for name in names if directory != top or name not in _NOT_OURS]
        for name in found:
            if name != os.path.basename(STATE_FILE):
                files.remove(f"{directory}/{name}")


def _remove_if_empty(directory: str) -> None:
    """Remove a directory, and those in it, as far as there is no file in them."""
    for path, _, _ in os.walk(directory, topdown=False):
        # A link is of whoever has our things somewhere else.
        if not os.listdir(path) and not os.path.islink(path):
            os.rmdir(path)
