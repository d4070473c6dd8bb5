"""Who changed this machine, when, from what to what, and how it ended: one line of JSON for each activation.

The file only grows at its end; when it is large its older half goes. A line that a full disk or a power cut
cut off is passed over. Nothing depends on it: that it cannot be written never fails an activation.
"""

from __future__ import annotations

import datetime
import enum
import os
import time

import msgspec

from system_manager.activation.state import DIRECTORY, write_atomically_as
from system_manager.base.errors import SystemManagerError
from system_manager.base.files import write_all
from system_manager.generation import undecodable
from system_manager.host.root import Root

HISTORY_FILE = f"{DIRECTORY}/history.jsonl"
LARGEST = 1 << 20
"""Bytes after which the older half is dropped: some thousand activations."""

_NOBODY = 0xFFFFFFFF  # a process that no login started, see proc_pid_loginuid(5)


class Ending(enum.Enum):
    """How an activation ended; the values are what is written."""

    CHANGED = "changed"
    RECORDED = "recorded"  # the machine needed no change
    KEPT = "kept"  # it failed and was left, as asked for
    UNCONFIRMED = "unconfirmed"  # it changed the machine for a time; confirm, undo, rollback or a boot follows
    ROLLED_BACK = "rolled-back"
    NOT_ROLLED_BACK = "not-rolled-back"
    INTERRUPTED = "interrupted"  # it was killed, and taken back later

    @property
    def is_committed(self) -> bool:
        """Whether the record says from then on what the activation has done."""
        return self in {Ending.CHANGED, Ending.RECORDED, Ending.KEPT, Ending.UNCONFIRMED}


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """One activation.

    :ivar time: when it began, ISO 8601 in UTC.
    :ivar user: who ran ``sudo``, else the user of the login; None when no login is behind it (a timer, a boot).
    :ivar login: the numeric user id of the login, which becoming root does not change.
    :ivar before: toplevel from which it went; None for nothing.
    :ivar after: toplevel to which it was to go; None for nothing.
    :ivar generation: the generation that is current afterwards.
    :ivar seconds: how long it took; None when it was killed.
    :ivar error: the first line of what went wrong.
    """

    time: str
    transaction: str
    verb: str
    user: str | None
    login: int | None
    before: str | None
    after: str | None
    generation: int | None
    outcome: Ending
    seconds: float | None
    error: str | None = None


def instant(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def elapsed(started: float) -> float:
    """Seconds since a moment, never negative: clocks are set."""
    return round(max(0.0, time.time() - started), 3)


def who() -> tuple[str | None, int | None]:
    """The user behind this process, by name and by the login's id, as far as is known."""
    login = _login()
    name = os.environ.get("SUDO_USER")
    if name is None and login is not None:
        import pwd

        try:
            name = pwd.getpwuid(login).pw_name
        except KeyError:
            name = str(login)
    return name, login


def _login() -> int | None:
    try:
        with open("/proc/self/loginuid", encoding="ascii") as file:
            number = int(file.read())
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY else number


def append(root: Root, entry: Entry, *, again: bool = False) -> None:
    """Add a line, durably. Raises OSError.

    :param again: the transaction may be in it already, and then stays unless it went the other way.
    """
    path = root.join(HISTORY_FILE)
    if again:
        try:
            if any(_says(known, entry) for known in read(root)):
                return
        except SystemManagerError as error:
            raise OSError(error.what) from None
    _shorten(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        write_all(descriptor, (b"\n" if cut_off else b"") + undecodable.encode(entry) + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _says(known: Entry, entry: Entry) -> bool:
    """Whether an entry tells of a transaction what another one does: a commit may not have outlived a power cut."""
    if known.transaction != entry.transaction or known.outcome is Ending.NOT_ROLLED_BACK:
        return False
    return known.outcome.is_committed == entry.outcome.is_committed


def _shorten(path: str) -> None:
    try:
        if os.stat(path).st_size < LARGEST:
            return
    except FileNotFoundError:
        return
    with open(path, "rb") as file:
        file.seek(-LARGEST // 2, os.SEEK_END)
        kept = file.read().partition(b"\n")[2]
    write_atomically_as(path, f"{path}.new", kept)


def read(root: Root) -> list[Entry]:
    """Every activation that is remembered, oldest first; of one that was recorded twice the last word.

    :raises SystemManagerError: when it may not be read.
    """
    try:
        with open(root.join(HISTORY_FILE), "rb") as file:
            lines = file.read().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SystemManagerError(
            f"the history cannot be read: {error.strerror}", where=HISTORY_FILE, hint="run this as root"
        ) from None
    found: dict[str, Entry] = {}
    decoder = msgspec.json.Decoder(Entry)
    for line in lines:
        try:
            entry = undecodable.decode(decoder, line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        found.pop(entry.transaction, None)
        found[entry.transaction] = entry
    return list(found.values())
