"""Changes of accounts: lines of the account databases, home directories, lingering.

The databases are changed together, under their lock. Each gets a second name first, as other files do, so that
taking back is a rename; where somebody else changed a database after us, only our lines are taken back.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, ChangedMeanwhileError, Machine, Step, Subject
from system_manager.activation.parents import is_behind_link
from system_manager.activation.state import UNDO_DIRECTORY, OwnedGroup, OwnedUser
from system_manager.base.events import Warned
from system_manager.base.files import write_all
from system_manager.base.process import CommandFailedError, run
from system_manager.host import files
from system_manager.host.account_files import Edit, Lines
from system_manager.host.account_lock import locked_accounts
from system_manager.host.files import Seen
from system_manager.host.labels import set_label

LINGER_DIRECTORY = "/var/lib/systemd/linger"
_NSCD_SOCKET = "/run/nscd/socket"
_SECONDS = 30


class DatabaseChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """Edits of one database.

    :ivar path: its logical path, links followed.
    :ivar seen: how it looked when the change was planned; it is made when it was absent.
    :ivar saved: its second name until the commit (logical).
    """

    path: str
    seen: Seen
    edits: tuple[Edit, ...]
    saved: str | None = None


class ChangeAccounts(msgspec.Struct, frozen=True, tag="accounts", omit_defaults=True):
    """Change the account databases.

    :ivar databases: in the order in which they are written: a user appears in passwd(5) last, when its group and
        its password are there.
    :ivar users: the records of users from then on; ``groups`` likewise.
    """

    marked: ClassVar[bool] = False

    databases: tuple[DatabaseChange, ...]
    steps: tuple[Step, ...]
    users: dict[str, OwnedUser]
    groups: dict[str, OwnedGroup]

    def describe(self) -> list[Step]:
        """One line for each account."""
        return list(self.steps)

    def apply(self, machine: Machine) -> None:
        """Look whether all is as planned, then write one after the other."""
        with locked_accounts(machine.root):
            for database in self.databases:
                if not _is_as_planned(machine, database):
                    raise ChangedMeanwhileError(
                        "somebody else changed accounts at the same time",
                        where=database.path,
                        hint="run the command again",
                    )
            for database in self.databases:
                _write(machine, database)
        _forget_cached(machine)
        machine.record.users = dict(self.users)
        machine.record.groups = dict(self.groups)

    def revert(self, machine: Machine) -> None:
        """Take our lines back."""
        if not any(_is_begun(machine, database) for database in self.databases):
            return
        with locked_accounts(machine.root):
            for database in reversed(self.databases):
                _take_back(machine, database)
        _forget_cached(machine)

    def finish(self, machine: Machine) -> None:
        """Drop the second names."""
        for database in self.databases:
            if database.saved is not None:
                files.remove(machine.root.join(database.saved))


def _is_as_planned(machine: Machine, database: DatabaseChange) -> bool:
    """Also when somebody did something else there: people change their passwords at any time."""
    path = machine.root.join(database.path)
    now = files.look(path)
    if now.is_same_as(database.seen):
        return True
    return now.kind == database.seen.kind == "file" and _read(path).fits(database.edits)


def _temporary(machine: Machine, database: DatabaseChange) -> str:
    return files.temporary_beside(machine.root.join(database.path), machine.transaction)


def _write(machine: Machine, database: DatabaseChange) -> None:
    path, temporary = machine.root.join(database.path), _temporary(machine, database)
    machine.note_entry(path)
    if database.saved is None:
        label = machine.label(database.path, stat.S_IFREG)
        _make(path, temporary, Lines().edited(database.edits).print(), label)
        return
    files.keep_name(path, machine.root.join(database.saved))
    files.replace_content(path, _read(path).edited(database.edits).print(), temporary=temporary)


def _make(path: str, temporary: str, data: bytes, label: bytes | None) -> None:
    """Make a database that was not there; only those of subordinate ids are made, which everybody may read."""
    with files.filled(temporary, files.new_temporary(temporary)) as descriptor:
        write_all(descriptor, data)
        os.fchmod(descriptor, 0o644)
        set_label(descriptor, label)
        os.fsync(descriptor)
    os.rename(temporary, path)


def _read(path: str) -> Lines:
    with open(path, "rb") as file:
        return Lines.parse(file.read())


def _is_begun(machine: Machine, database: DatabaseChange) -> bool:
    if os.path.lexists(_temporary(machine, database)):
        return True
    name = database.path if database.saved is None else database.saved
    return os.path.lexists(machine.root.join(name))


def _take_back(machine: Machine, database: DatabaseChange) -> None:
    path, temporary = machine.root.join(database.path), _temporary(machine, database)
    files.remove(temporary)
    if not _is_begun(machine, database):
        return
    machine.note_entry(path)
    if database.saved is None:
        rest = _read(path).without(database.edits)
        if rest.lines:
            files.replace_content(path, rest.print(), temporary=temporary)
        else:
            files.remove(path)
        return
    saved = machine.root.join(database.saved)
    if files.is_same_entry(saved, path):
        files.remove(saved)
        return
    now = _read(path)
    if now == _read(saved).edited(database.edits):
        os.rename(saved, path)
        return
    machine.observer.notify(Warned(f"{database.path} was changed by somebody else meanwhile; only our lines go"))
    files.replace_content(path, now.without(database.edits).print(), temporary=temporary)
    files.remove(saved)


def _forget_cached(machine: Machine) -> None:
    machine.accounts.forget()
    if machine.root.is_live and os.path.exists(_NSCD_SOCKET):
        with contextlib.suppress(CommandFailedError, OSError):
            for table in ("passwd", "group"):
                run(["nscd", f"--invalidate={table}"], timeout_seconds=_SECONDS)


class MakeHome(msgspec.Struct, frozen=True, tag="home", omit_defaults=True):
    """Make a user's home directory. It is never removed afterwards: what people keep there is theirs.

    :ivar path: the logical path, links followed.
    :ivar missing: directories above it that have to be made, the highest first.
    """

    marked: ClassVar[bool] = False

    user: str
    path: str
    mode: int
    uid: int
    gid: int
    missing: tuple[str, ...] = ()

    def describe(self) -> list[Step]:
        """One line."""
        return [
            Step(Action.CREATE, Subject.DIRECTORY, self.path, f"home of {self.user}, mode {self.mode:04o}"),
        ]

    def apply(self, machine: Machine) -> None:
        """Make it under another name, and give it its own when owner, mode and label are final."""
        if os.path.lexists(machine.root.join(self.path)):
            raise ChangedMeanwhileError("somebody else made a home at the same time", where=self.path)
        for parent in self.missing:
            real = machine.root.join(parent)
            with contextlib.suppress(FileExistsError):
                os.mkdir(real, 0o755)
                set_label(real, machine.label(parent, stat.S_IFDIR))
            machine.note_entry(real)
        path, temporary = machine.root.join(self.path), self._temporary(machine)
        machine.note_entry(path)
        os.mkdir(temporary, 0o700)
        # Somebody else's may be the directory above, who could put a link there right now.
        files.set_directory(temporary, mode=self.mode, user=self.uid, group=self.gid)
        set_label(temporary, machine.label(self.path, stat.S_IFDIR))
        os.rename(temporary, path)

    def _temporary(self, machine: Machine) -> str:
        return files.temporary_beside(machine.root.join(self.path), machine.transaction)

    def revert(self, machine: Machine) -> None:
        """Remove it, unless somebody has put something into it."""
        if is_behind_link(machine.root, self.path):
            return
        for path in (self._temporary(machine), machine.root.join(self.path)):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                try:
                    os.rmdir(path)
                except OSError as error:
                    if not os.path.isdir(path) or not os.listdir(path):
                        raise
                    machine.observer.notify(Warned(f"{self.path} stays, since it is not empty: {error.strerror}"))
        for parent in reversed(self.missing):
            real = machine.root.join(parent)
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                if not os.listdir(real):
                    os.rmdir(real)
            machine.note_entry(real)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class SetLinger(msgspec.Struct, frozen=True, tag="linger", omit_defaults=True):
    """Let the services of a user run without a login, or not. See loginctl(1), ``enable-linger``."""

    marked: ClassVar[bool] = False

    user: str
    on: bool

    def describe(self) -> list[Step]:
        """One line."""
        what = "services run without a login" if self.on else "services run while logged in"
        return [Step(Action.REPLACE, Subject.USER, f"user {self.user}", what)]

    def apply(self, machine: Machine) -> None:
        """Make or remove the file that logind reads, and tell logind."""
        self._set(machine, on=self.on)
        _tell_logind(machine, self.user, on=self.on)

    def _set(self, machine: Machine, *, on: bool) -> None:
        path = machine.root.join(f"{LINGER_DIRECTORY}/{self.user}")
        if on and not os.path.lexists(path):
            if not os.path.isdir(directory := os.path.dirname(path)):
                os.makedirs(directory, mode=0o755)
                set_label(directory, machine.label(LINGER_DIRECTORY, stat.S_IFDIR))
            with files.filled(path, files.new_file(path)) as descriptor:
                os.fchmod(descriptor, 0o644)
                set_label(descriptor, machine.label(f"{LINGER_DIRECTORY}/{self.user}", stat.S_IFREG))
            machine.note_entry(path, written=True)
        elif not on and os.path.lexists(path):
            saved = self._saved(machine)
            if not self.on and not os.path.lexists(saved):
                files.duplicate(path, saved)
            os.unlink(path)
            machine.note_entry(path)

    def _saved(self, machine: Machine) -> str:
        return machine.root.join(f"{UNDO_DIRECTORY}/linger-{self.user}")

    def revert(self, machine: Machine) -> None:
        """The other way round."""
        path = machine.root.join(f"{LINGER_DIRECTORY}/{self.user}")
        if os.path.lexists(path) != self.on:
            return
        if not self.on and os.path.lexists(self._saved(machine)):
            files.duplicate(self._saved(machine), path)
            machine.note_entry(path)
        else:
            self._set(machine, on=not self.on)
        _tell_logind(machine, self.user, on=not self.on)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _tell_logind(machine: Machine, user: str, *, on: bool) -> None:
    if machine.systemd is None:
        return
    try:
        run(["loginctl", "enable-linger" if on else "disable-linger", user], timeout_seconds=_SECONDS)
    except (CommandFailedError, OSError):
        when = "start" if on else "stop"
        machine.observer.notify(Warned(f"the services of {user} {when} at the next boot: logind does not answer"))
