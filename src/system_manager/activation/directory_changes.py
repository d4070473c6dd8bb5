"""Changes of directories that are ours: made, removed when they are empty, and taken away with all that is in them."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import stat
from collections.abc import Iterable
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, ChangedMeanwhileError, Machine, Step, Subject
from system_manager.activation.file_changes import (
    ChangeFile,
    removal,
    remove_directory,
    unused_backup,
)
from system_manager.activation.parents import is_behind_link
from system_manager.activation.state import EDITED_DIRECTORY
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.host.directories import holds_only
from system_manager.host.files import Seen, remove_within, set_directory
from system_manager.host.labels import set_label

# Why a directory cannot be moved as a whole: an overlay, a mount point, or somebody took it away.
_CANNOT_MOVE = frozenset({errno.EXDEV, errno.EBUSY, errno.ENOENT, errno.ENOTDIR})


class MakeDirectory(msgspec.Struct, frozen=True, tag="make-directory", omit_defaults=True):
    """Make a parent directory, mode 0755, root's. It is removed again when it is no longer needed and empty."""

    marked: ClassVar[bool] = False

    target: str
    path: str

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.CREATE, Subject.DIRECTORY, self.target)]

    def apply(self, machine: Machine) -> None:
        """Make it."""
        path = machine.root.join(self.path)
        try:
            os.mkdir(path, 0o755)
        except FileExistsError:
            # Somebody else's, who made it after this was planned.
            raise ChangedMeanwhileError(
                "somebody else made this directory meanwhile", where=self.target, hint="run the command again"
            ) from None
        set_label(path, machine.label(self.path, stat.S_IFDIR))
        machine.note_entry(path)
        machine.record.directories.append(self.target)

    def revert(self, machine: Machine) -> None:
        """Remove it, unless somebody put something into it."""
        if is_behind_link(machine.root, self.path):
            return
        path = machine.root.join(self.path)
        if not remove_directory(path):
            machine.observer.notify(Warned(f"{self.target} stays: somebody else put something into it"))
        machine.note_entry(path)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class RemoveDirectory(msgspec.Struct, frozen=True, tag="remove-directory", omit_defaults=True):
    """Remove a directory that we made and that is empty now."""

    marked: ClassVar[bool] = False

    target: str
    path: str
    mode: int
    user: int
    group: int

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.REMOVE, Subject.DIRECTORY, self.target)]

    def apply(self, machine: Machine) -> None:
        """Remove it if it is still empty; otherwise it stays ours."""
        path = machine.root.join(self.path)
        machine.note_entry(path)
        if remove_directory(path):
            machine.record.directories.remove(self.target)

    def revert(self, machine: Machine) -> None:
        """Make it again as it was."""
        if is_behind_link(machine.root, self.path):
            return
        machine.note_entry(machine.root.join(self.path))
        _make_again(machine, self)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class Leaving(msgspec.Struct, frozen=True, array_like=True):
    """A file or link in a directory that goes, and what it looked like when that was planned."""

    name: str
    old: Seen


class TakeDirectoryAway(msgspec.Struct, frozen=True, dict=True, tag="take-directory-away", omit_defaults=True):
    """Remove a directory that we made together with what is in it, all of which is ours to remove.

    It is moved away as a whole: one change of the file system instead of one for each file. When there is anything
    else in it, or it cannot be moved, its files are moved one by one, and it goes if it is empty then.

    :ivar saved: where it is until the commit (logical).
    :ivar reason: why the files go.
    """

    marked: ClassVar[bool] = False

    target: str
    path: str
    mode: int
    user: int
    group: int
    saved: str
    files: tuple[Leaving, ...]
    reason: str

    @property
    def _apart(self) -> str:
        """Where files are that were moved one by one."""
        return f"{self.saved}.files"

    def describe(self) -> list[Step]:
        """One line for each file, and one for the directory."""
        return self._lines

    @functools.cached_property
    def _lines(self) -> list[Step]:
        target, path, reason = self.target, self.path, self.reason
        steps = [removal(f"{target}/{file.name}", f"{path}/{file.name}", file.old, reason) for file in self.files]
        return [*steps, Step(Action.REMOVE, Subject.DIRECTORY, target)]

    def _changes(self, directory: str) -> Iterable[ChangeFile]:
        """The files, each on its own, kept in a directory."""
        for name, old in ((file.name, file.old) for file in self.files):
            saved = f"{directory}/{name}"
            yield ChangeFile(f"{self.target}/{name}", f"{self.path}/{name}", old, None, saved, reason=self.reason)

    def apply(self, machine: Machine) -> None:
        """Move it away; if that is not possible, its files."""
        record = machine.record
        machine.note_entry(machine.root.join(self.path))
        if not self._is_moved(machine):
            self._move_files(machine)
            return
        for file in self.files:
            record.files.pop(f"{self.target}/{file.name}", None)
        record.directories.remove(self.target)

    def _is_moved(self, machine: Machine) -> bool:
        path, saved = machine.root.join(self.path), machine.root.join(self.saved)
        expected = {file.name: file.old for file in self.files}
        try:
            if set(os.listdir(path)) != expected.keys():
                return False
            os.rename(path, saved)
        except OSError as error:
            if error.errno in _CANNOT_MOVE:
                return False
            raise
        # Only now nobody comes in between any more who does not have it open.
        if holds_only(saved, expected):
            return True
        os.rename(saved, path)
        return False

    def _move_files(self, machine: Machine) -> None:
        os.mkdir(machine.root.join(self._apart), 0o700)
        try:
            for change in self._changes(self._apart):
                change.apply(machine)
        except ChangedMeanwhileError as error:
            # What came before it has to be taken back.
            raise SystemManagerError(error.what, where=error.where, hint=error.hint) from None
        if remove_directory(machine.root.join(self.path)):
            machine.record.directories.remove(self.target)

    def revert(self, machine: Machine) -> None:
        """Move it back. If somebody made another one meanwhile, its files."""
        root = machine.root
        path, saved = root.join(self.path), root.join(self.saved)
        if is_behind_link(root, self.path):
            return
        machine.note_entry(path)
        if os.path.isdir(saved) and not os.path.lexists(path):
            os.rename(saved, path)
        else:
            _make_again(machine, self)
        for directory in (self.saved, self._apart):
            if os.path.isdir(root.join(directory)):
                for change in self._changes(directory):
                    change.revert(machine)
                self._forget(machine, directory)

    def finish(self, machine: Machine) -> None:
        """Drop what was kept."""
        for directory in (self.saved, self._apart):
            real = machine.root.join(directory)
            if os.path.isdir(real):
                remove_within(real, [file.name for file in self.files])
                self._forget(machine, directory)

    def _forget(self, machine: Machine, directory: str) -> None:
        """Remove the directory. What somebody put into it who had it open is kept."""
        real = machine.root.join(directory)
        if remove_directory(real):
            return
        keep = unused_backup(machine.root, f"{EDITED_DIRECTORY}/{machine.transaction}{self.target}")
        try:
            os.makedirs(os.path.dirname(machine.root.join(keep)), mode=0o700, exist_ok=True)
            os.rename(real, machine.root.join(keep))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            keep = directory
        machine.observer.notify(Warned(f"somebody put files into {self.target} while it went; they are kept in {keep}"))


def _make_again(machine: Machine, directory: RemoveDirectory | TakeDirectoryAway) -> None:
    """Make a directory as it was, unless it is there."""
    path = machine.root.join(directory.path)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    set_label(path, machine.label(directory.path, stat.S_IFDIR))
    set_directory(path, mode=directory.mode, user=directory.user, group=directory.group)
