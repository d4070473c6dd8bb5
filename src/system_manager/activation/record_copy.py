"""A second copy of the record, beside the generations: it outlives ``/var``, or whoever empties our directory there.

It names the machine that it is of (machine-id(5)): a store may outlive a machine, too, and nothing on the next one is
ours. It is a help and nothing more: not flushed, and when it cannot be written there is none.
"""

from __future__ import annotations

import contextlib

import msgspec

from system_manager.activation.state import DECODE, STATE_FILE, STATE_VERSION, State
from system_manager.base.files import Mode, write_atomically
from system_manager.generation import undecodable
from system_manager.generation.profile import DIRECTORY
from system_manager.host import files
from system_manager.host.root import Root

COPY = f"{DIRECTORY}/system-manager-record"
_MACHINE_ID = "/etc/machine-id"
_LENGTH = 32


def keep_copy(root: Root, state: State) -> None:
    """Copy the record, which says this now; nothing is kept when nothing is managed. Never fails."""
    with contextlib.suppress(OSError):
        path = root.join(COPY)
        # First, since one of another record would be worse than none.
        files.remove(path)
        files.remove(f"{path}.new")
        machine = _machine_id(root)
        if state.toplevel is None or machine is None:
            return
        with open(root.join(STATE_FILE), "rb") as file:
            data = b"\n".join([machine, file.read()])
        write_atomically(path, data, mode=Mode(0o600), temporary=f"{path}.new", durable=False)


def read_copy(root: Root, toplevel: str) -> State | None:
    """The copied record, if it is of this machine, and of the time when this toplevel became active."""
    try:
        with open(root.join(COPY), "rb") as file:
            machine, _, data = file.read().partition(b"\n")
        state = undecodable.decode(DECODE, data)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    is_known = state.version == STATE_VERSION and machine == _machine_id(root)
    return state if is_known and state.toplevel == toplevel else None


def _machine_id(root: Root) -> bytes | None:
    """None where the machine has none yet."""
    try:
        with open(root.real(_MACHINE_ID), "rb") as file:
            text = file.read().strip()
    except OSError:
        return None
    return text if len(text) == _LENGTH else None
