"""What somebody put in the place of ours, and cannot be replaced in one step: a repair moves it away."""

from __future__ import annotations

import errno
import os
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, ChangedMeanwhileError, Machine, Step, Subject
from system_manager.activation.file_changes import forget_backup, make_private_directories
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.host import files
from system_manager.host.files import Seen


class MoveAway(msgspec.Struct, frozen=True, tag="move-away"):
    """Move a directory, a device or the like to where edits are kept, whole.

    :ivar path: the logical path of the entry itself; ``keep`` where it goes.
    :ivar old: how it looked when this was planned.
    """

    marked: ClassVar[bool] = False

    target: str
    path: str
    old: Seen
    keep: str

    def describe(self) -> list[Step]:
        """One line."""
        reason = f"it is {files.NAMES[self.old.kind]} now, which is kept as {self.keep}"
        return [Step(Action.KEEP, Subject.FILE, self.target, "", reason)]

    def apply(self, machine: Machine) -> None:
        """Move it, if it is what was looked at; what is in a directory may change until then."""
        path, keep = machine.root.join(self.path), machine.root.join(self.keep)
        now = files.look(path)
        if (now.kind, now.inode, now.device) != (self.old.kind, self.old.inode, self.old.device):
            raise ChangedMeanwhileError(
                "somebody else changed this meanwhile", where=self.target, hint="run the command again"
            )
        make_private_directories(os.path.dirname(keep))
        machine.note_entry(path)
        try:
            os.rename(path, keep)
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EBUSY}:
                raise
            raise SystemManagerError(
                f"{files.NAMES[self.old.kind]} is in the way, and cannot be moved to {self.keep}: {error.strerror}",
                where=self.target,
                hint="move it away, then run the command again",
            ) from None
        machine.note_entry(keep)

    def revert(self, machine: Machine) -> None:
        """Move it back."""
        root = machine.root
        path, keep = root.join(self.path), root.join(self.keep)
        if os.path.lexists(keep):
            if os.path.lexists(path):
                what = f"something else is at {self.target} by now; what was there stays as {self.keep}"
                machine.observer.notify(Warned(what))
                return
            os.rename(keep, path)
            machine.note_entry(path)
        forget_backup(root, self.keep)

    def finish(self, machine: Machine) -> None:
        """It stays where it is."""
