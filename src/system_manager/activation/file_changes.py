"""Changes of single paths: put something at a path, or take it away, and be able to undo either.

What is replaced or removed gets a second name first (a hard link on the same file system: no content is
copied, nothing about the file changes). Undoing is one rename back, which needs no disk space.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Container
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, ChangedMeanwhileError, Machine, Step, Subject
from system_manager.activation.parents import is_behind_link
from system_manager.activation.state import EDITED_DIRECTORY, UNDO_DIRECTORY, OwnedCopy, OwnedLink
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.host import files
from system_manager.host.files import Seen
from system_manager.host.root import Root

_BLOCK = 4096  # a page, which is what is written at once
_PROBE = 1 << 16


class PutLink(msgspec.Struct, frozen=True, tag="link"):
    """A symbolic link with this text."""

    text: str


class PutCopy(msgspec.Struct, frozen=True, tag="copy"):
    """A regular file with the content of ``source`` (logical path). Owner names are looked up when it is put."""

    source: str
    mode: int
    user: str
    group: str


class PutOriginal(msgspec.Struct, frozen=True, tag="original"):
    """What was there before us, from its backup (logical path)."""

    backup: str


Put = PutLink | PutCopy | PutOriginal


class ChangeFile(msgspec.Struct, frozen=True, tag="file", omit_defaults=True):
    """Put ``new`` at a path, or with None remove what is there.

    :ivar target: the path in the configuration.
    :ivar path: the logical path of the entry itself, links in parent directories followed.
    :ivar old: what was there when the change was planned.
    :ivar saved: the second name that ``old`` gets until the commit (logical); None when nothing is there.
    :ivar keep: where ``old`` is kept for good (logical): an original, or somebody's edit.
    :ivar original: the original to record for ``target`` from now on.
    """

    marked: ClassVar[bool] = False

    target: str
    path: str
    old: Seen
    new: Put | None
    saved: str | None = None
    keep: str | None = None
    original: str | None = None
    reason: str = ""

    def describe(self) -> list[Step]:
        """One line."""
        old_source, secret = _text_before(self.path, self.old)
        match self.new:
            case None:
                return [removal(self.target, self.path, self.old, self.reason)]
            case PutOriginal():
                # The original may be a secret, and nothing here says so.
                return [Step(Action.RESTORE, Subject.FILE, self.target, "original", self.reason, secret=True)]
            case PutLink(text):
                detail, source = f"-> {text}", text if text.startswith("/") else None
            case PutCopy(source, mode, user, group):
                detail = f"copy, mode {mode:04o}, {user}:{group}"
                secret = secret or is_secret(mode)
        action = Action.CREATE if self.old.kind == "absent" else Action.REPLACE
        return [Step(action, Subject.FILE, self.target, detail, self.reason, old_source, source, secret)]

    def apply(self, machine: Machine) -> None:
        """Save, keep, then replace in one step."""
        root = machine.root
        path = root.join(self.path)
        if not files.look(path).is_same_as(self.old):
            raise self._changed_meanwhile()
        if self.keep is not None:
            _keep(path, root, self.keep)
        if self.new is None:
            self._remove(machine, path)
            return
        if self.saved is not None:
            files.keep_name(path, root.join(self.saved))
        try:
            self._put(machine, path)
        except files.OtherThereError:
            self._forget(root)
            raise self._changed_meanwhile() from None

    def _forget(self, root: Root) -> None:
        if self.saved is not None:
            files.remove(root.join(self.saved))
        if self.keep is not None:
            forget_backup(root, self.keep)

    def _remove(self, machine: Machine, path: str) -> None:
        machine.note_entry(path)
        if self.saved is not None:
            saved = machine.root.join(self.saved)
            os.rename(path, saved)
            now = os.lstat(saved)
            if (now.st_mtime_ns, now.st_size) != (self.old.modified, self.old.size):
                os.rename(saved, path)  # it came between the look and the rename
                raise self._changed_meanwhile()
        machine.record.files.pop(self.target, None)

    def _changed_meanwhile(self) -> ChangedMeanwhileError:
        return ChangedMeanwhileError(
            "somebody else changed this file while it was being replaced",
            where=self.target,
            hint="run the command again when nothing else works on it",
        )

    def _put(self, machine: Machine, path: str) -> None:
        root, record = machine.root, machine.record
        temporary = files.temporary_beside(path, machine.transaction)
        machine.note_entry(path, written=isinstance(self.new, PutCopy))
        match self.new:
            case PutLink(text):
                label = machine.label(self.path, stat.S_IFLNK)
                # With a label, a link takes two steps.
                at_once = self.old.kind == "absent" and label is None
                files.put_link(path, text, temporary=None if at_once else temporary, label=label, replaced=self.old)
                record.files[self.target] = OwnedLink(text, self.original)
            case PutCopy(source, mode, user, group):
                user_id, group_id = _owner(machine, self.target, user, group)
                digest = files.put_copy(
                    path,
                    root.real(source),
                    mode=mode,
                    user=user_id,
                    group=group_id,
                    label=machine.label(self.path, stat.S_IFREG),
                    temporary=temporary,
                    replaced=self.old,
                )
                seen = files.look(path)
                record.files[self.target] = OwnedCopy(source, digest, mode, user_id, group_id, seen, self.original)
            case PutOriginal(backup):
                files.put_second_name(path, root.join(backup), temporary=temporary, replaced=self.old)
                record.files.pop(self.target, None)

    def revert(self, machine: Machine) -> None:
        """Bring back the saved name, or remove what was put where nothing was."""
        root = machine.root
        path = root.join(self.path)
        if is_behind_link(root, self.path):
            return
        machine.note_entry(path)
        files.remove(files.temporary_beside(path, machine.transaction))
        if self.saved is None:
            self._clear(machine, path)
        else:
            self._bring_back(machine, path, root.join(self.saved))
        if self.keep is not None:
            forget_backup(root, self.keep)

    def _clear(self, machine: Machine, path: str) -> None:
        now = files.look(path)
        if self._is_ours(machine.root, path, now) or self._was_ours(machine.root, path, now):
            files.remove(path)
        elif now.kind in {"file", "link"}:
            machine.observer.notify(Warned(f"{self.target} was made by somebody else meanwhile, and is left alone"))

    def _bring_back(self, machine: Machine, path: str, saved: str) -> None:
        if not os.path.lexists(saved):
            return
        if files.is_same_entry(saved, path):
            files.remove(saved)
            return
        now = files.look(path)
        if now.kind != "absent":
            self._rescue(machine, path, now)
        os.rename(saved, path)

    def _rescue(self, machine: Machine, path: str, now: Seen) -> None:
        """Keep what is neither the old nor the new thing: somebody wrote it after we did."""
        if now.kind not in {"file", "link"}:
            raise SystemManagerError(
                "something else was put here during the activation and is in the way of the rollback",
                where=self.target,
                hint="move it away, then run the command again",
            )
        if self._is_ours(machine.root, path, now) or self._was_ours(machine.root, path, now):
            return
        keep = unused_backup(machine.root, f"{EDITED_DIRECTORY}/{machine.transaction}{self.target}")
        _keep(path, machine.root, keep)
        machine.observer.notify(Warned(f"{self.target} was changed by somebody else; that text is kept as {keep}"))

    def _is_ours(self, root: Root, path: str, now: Seen) -> bool:
        match self.new:
            case PutLink(text):
                return now.kind == "link" and now.text == text
            case PutCopy(source):
                return now.kind == "file" and _same_content(path, root.real(source))
            case PutOriginal(backup):
                return _is_same_original(path, now, root.join(backup))
            case None:
                return False

    def _was_ours(self, root: Root, path: str, now: Seen) -> bool:
        """Whether this is our copy after a power cut before all of its content reached the disk: zeros, or nothing at
        all, in place of some blocks of it or of all."""
        if not isinstance(self.new, PutCopy) or now.kind != "file":
            return False
        return _is_on_its_way_to_disk(path, root.real(self.new.source))

    def finish(self, machine: Machine) -> None:
        """Drop the saved name, and the backup that is in its place again."""
        if self.saved is not None and not self.saved.startswith(f"{UNDO_DIRECTORY}/"):  # which goes as a whole
            files.remove(machine.root.join(self.saved))
        if isinstance(self.new, PutOriginal):
            forget_backup(machine.root, self.new.backup)


def removal(target: str, path: str, old: Seen, reason: str) -> Step:
    """The line for a file or link that goes."""
    old_source, secret = _text_before(path, old)
    return Step(Action.REMOVE, Subject.FILE, target, "", reason, old_source, None, secret)


def _text_before(path: str, old: Seen) -> tuple[str | None, bool]:
    """Where to read the text before from, and whether it is nobody's business."""
    if old.kind == "file":
        return path, is_secret(old.mode)
    # A relative link leads to another entry, which has a line of its own.
    return path if old.kind == "link" and old.text.startswith("/") else None, False


def is_secret(mode: int) -> bool:
    """Whether a file with this mode is nobody's business: not everybody may read it."""
    return not mode & 0o004


def _owner(machine: Machine, target: str, user: str, group: str) -> tuple[int, int]:
    user_id, group_id = machine.accounts.user_id(user), machine.accounts.group_id(group)
    if user_id is None or group_id is None:
        unknown = f"user '{user}'" if user_id is None else f"group '{group}'"
        raise SystemManagerError(f"there is no {unknown}", where=target, hint="create it, or name another owner")
    return user_id, group_id


def _is_same_original(path: str, now: Seen, backup: str) -> bool:
    if files.is_same_entry(path, backup):
        return True
    kept = files.look(backup)
    if now.kind != "file" or kept.kind != "file":
        return now.kind == kept.kind == "link" and now.text == kept.text
    return _same_content(path, backup)


def _same_content(first: str, second: str) -> bool:
    try:
        return os.path.getsize(first) == os.path.getsize(second) and files.digest_of(first) == files.digest_of(second)
    except OSError:
        return False


def _is_on_its_way_to_disk(path: str, source: str) -> bool:
    with open(path, "rb") as file:
        try:
            whole = open(source, "rb")  # noqa: SIM115 (closed below)
        except OSError:  # it is not in the store any more
            return not file.read(_PROBE).strip(b"\0")
        with whole:
            while block := file.read(_BLOCK):
                expected = whole.read(_BLOCK)
                if block.strip(b"\0") and block != expected[: len(block)]:
                    return False
    return True


def unused_backup(root: Root, wanted: str, taken: Container[str] = ()) -> str:
    """A logical path at which something can be kept: ``wanted``, or with a number in it where anything is in the way.

    Backups never collide.

    :param taken: paths that were chosen before, at which nothing is yet.
    """
    obstacle = _obstacle(root, wanted, taken)
    if obstacle is None:
        return wanted
    path, number = wanted, 0
    while _obstacle(root, path, taken) is not None:
        number += 1
        path = f"{obstacle}.{number}{wanted.removeprefix(obstacle)}"
    return path


def _obstacle(root: Root, path: str, taken: Container[str]) -> str | None:
    """What is at a path already, or what is above it and no directory."""
    if path in taken or os.path.lexists(root.join(path)):
        return path
    above = os.path.dirname(path)
    while above not in taken:
        real = root.join(above)
        if os.path.isdir(real):  # a link to one, too: an administrator has put ours on another disk
            return None
        if os.path.lexists(real):
            return above
        above = os.path.dirname(above)
    return above


def _keep(path: str, root: Root, keep: str) -> None:
    real = root.join(keep)
    make_private_directories(os.path.dirname(real))
    files.duplicate(path, real)
    files.make_durable([], {os.path.dirname(real)})


def make_private_directories(path: str) -> None:
    if not os.path.isdir(path):
        make_private_directories(os.path.dirname(path))
        os.mkdir(path, 0o700)


def forget_backup(root: Root, backup: str) -> None:
    """Remove a backup, and the directories above it that hold nothing else."""
    real = root.join(backup)
    files.remove(real)
    directory = os.path.dirname(real)
    while os.path.basename(directory) != "system-manager" and remove_directory(directory):
        directory = os.path.dirname(directory)


def remove_directory(path: str) -> bool:
    """Remove a directory if it is empty. Returns whether it is gone."""
    try:
        os.rmdir(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY}:
            return False
        raise
    return True
