"""The write-ahead journal: what a transaction is about to do, on disk before it does it.

One JSON object per line. The first names the transaction; a ``changes`` line holds a batch of changes, all of
them, with everything that is needed to take them back; a ``begun`` line says that a change which does more than
replace files is about to run. Changes of files need no line of their own when they begin, because taking one
back that was never applied does nothing.

Whether a transaction was committed is not in the journal: it is when the state file carries its identifier.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

import msgspec

from system_manager.activation.account_changes import ChangeAccounts, MakeHome, SetLinger
from system_manager.activation.attributes import SetAttributes
from system_manager.activation.change import Change
from system_manager.activation.directory_changes import MakeDirectory, RemoveDirectory, TakeDirectoryAway
from system_manager.activation.file_changes import ChangeFile
from system_manager.activation.generation_changes import SelectGeneration
from system_manager.activation.health_checks import CheckHealth
from system_manager.activation.moving_away import MoveAway
from system_manager.activation.package_changes import InstallPackages, MarkPackages, RemovePackages
from system_manager.activation.state import JOURNAL_FILE, START_AGAIN, UNDO_DIRECTORY, make_directories
from system_manager.activation.takeover import SetRecordAside
from system_manager.activation.tmpfiles import CreateTmpfiles
from system_manager.activation.unit_changes import ReloadManager, StartUnits, StopUnits
from system_manager.activation.user_units import StartUserUnits, StopUserUnits
from system_manager.base.errors import SystemManagerError
from system_manager.base.files import sync_directory, write_all
from system_manager.base.records import field, record
from system_manager.generation import undecodable
from system_manager.host.files import remove_within
from system_manager.host.root import Root

JOURNAL_VERSION = 2

AnyChange = (
    ChangeFile
    | MakeDirectory
    | MoveAway
    | RemoveDirectory
    | TakeDirectoryAway
    | SetAttributes
    | StopUnits
    | ChangeAccounts
    | MakeHome
    | SetLinger
    | ReloadManager
    | StartUnits
    | StopUserUnits
    | StartUserUnits
    | CreateTmpfiles
    | CheckHealth
    | InstallPackages
    | RemovePackages
    | MarkPackages
    | SelectGeneration
    | SetRecordAside
)


class JournalError(SystemManagerError):
    """The journal cannot be read."""


class Header(msgspec.Struct, frozen=True, tag="transaction", tag_field="line"):
    """The first line. ``started`` is in seconds since the epoch, ``before`` the toplevel that was active.

    ``user`` and ``login`` are as in the history.
    """

    version: int
    transaction: str
    verb: str
    toplevel: str | None
    process: int
    started: float
    before: str | None = None
    user: str | None = None
    login: int | None = None


class Changes(msgspec.Struct, frozen=True, tag="changes", tag_field="line"):
    """A batch of changes, in the order in which they are applied."""

    changes: tuple[AnyChange, ...]


class Begun(msgspec.Struct, frozen=True, tag="begun", tag_field="line"):
    """The change with this index, counted over all batches, is about to run."""

    index: int


@record()
class Entries:
    """What a journal says."""

    header: Header
    changes: list[Change] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)

    def may_have_run(self) -> list[Change]:
        """The changes to take back after a crash, last first."""
        return [
            change
            for index, change in reversed(list(enumerate(self.changes)))
            if not change.marked or index in self.begun
        ]


class Journal:
    """A transaction's journal while the transaction runs."""

    def __init__(self, root: Root, header: Header) -> None:
        self._root = root
        self.entries = Entries(header)

    def open(self) -> None:
        """Write the header; it is on disk with the first changes. Raises OSError."""
        make_directories(self._root)
        self._append(self.entries.header, flags=os.O_CREAT | os.O_EXCL, durable=False)
        undo = self._root.join(UNDO_DIRECTORY)
        if not os.path.isdir(undo):
            os.mkdir(undo, 0o700)

    def add(self, changes: Sequence[AnyChange], *, begin: bool = False, durable: bool = True) -> str:
        """Put a batch on disk, before any of it is applied; with ``begin`` also that its first change is next.

        Without ``durable``, the caller has the file that is returned flushed, and its directory.
        """
        begun = [Begun(len(self.entries.changes))] if begin else []
        path = self._append(Changes(tuple(changes)), *begun, durable=durable)
        if durable and not self.entries.changes:
            sync_directory(os.path.dirname(path))
        self.entries.changes.extend(changes)
        self.entries.begun.update(each.index for each in begun)
        return path

    def begin(self, index: int, *, durable: bool = True) -> str:
        """Put on disk that a marked change is about to run; or have the caller flush the file that is returned."""
        path = self._append(Begun(index), durable=durable)
        self.entries.begun.add(index)
        return path

    def _append(self, *lines: Header | Changes | Begun, flags: int = 0, durable: bool = True) -> str:
        path = self._root.join(JOURNAL_FILE)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
        try:
            write_all(descriptor, b"".join(undecodable.encode(line) + b"\n" for line in lines))
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return path


def read_journal(root: Root) -> Entries | None:
    """The journal that an unfinished transaction left, or None. Raises :class:`JournalError`.

    A last line that is cut off was being written when the run ended, so nothing that it announces was begun.
    """
    try:
        with open(root.join(JOURNAL_FILE), "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise JournalError(
            f"the journal cannot be read: {error.strerror}", where=JOURNAL_FILE, hint="run this as root"
        ) from None
    complete = data[: data.rfind(b"\n") + 1].splitlines()
    entries: Entries | None = None
    decoder = msgspec.json.Decoder(Header | Changes | Begun)
    for number, line in enumerate(complete, 1):
        try:
            parsed = undecodable.decode(decoder, line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(f"line {number}: {error}") from None
        if isinstance(parsed, Header):
            if parsed.version != JOURNAL_VERSION:
                raise JournalError(
                    f"an unfinished activation was begun by another version of System Manager (its journal has version "
                    f"{parsed.version}, and this program knows {JOURNAL_VERSION})",
                    where=JOURNAL_FILE,
                    hint="run 'system-manager-engine recover' of the version that was used then",
                )
            entries = Entries(parsed)
        elif entries is None:
            raise _damaged("it does not begin with a header")
        elif isinstance(parsed, Changes):
            entries.changes.extend(parsed.changes)
        else:
            entries.begun.add(parsed.index)
    # Without even a header nothing was begun.
    return entries or Entries(Header(JOURNAL_VERSION, "", "", None, 0, 0.0))


def _damaged(why: str) -> JournalError:
    return JournalError(
        f"the journal of an unfinished activation is damaged: {why}",
        where=JOURNAL_FILE,
        hint=f"check the disk, then {START_AGAIN}",
    )


def drop_saved(root: Root) -> None:
    """Remove everything that was kept to take changes back."""
    undo = root.join(UNDO_DIRECTORY)
    with contextlib.suppress(FileNotFoundError):
        remove_within(undo)
        os.rmdir(undo)


def remove_journal(root: Root) -> None:
    """End a transaction: nothing of it has to be taken back any more."""
    drop_saved(root)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(root.join(JOURNAL_FILE))
