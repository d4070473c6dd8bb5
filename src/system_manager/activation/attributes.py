"""Modes, owners and labels of what we made, where somebody changed them: found as drift, and put right by a repair.

What the contents of files and the texts of links are is another matter, see :mod:`.files`.
"""

from __future__ import annotations

import stat
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, ChangedMeanwhileError, Drift, Machine, Step, Subject
from system_manager.activation.state import OwnedCopy, State
from system_manager.activation.tmpfiles_rules import Ruled, read_rules
from system_manager.base.records import record
from system_manager.host import files
from system_manager.host.files import Seen
from system_manager.host.labels import label_of, set_label
from system_manager.host.root import LinkLoopError

# What a parent directory is made with.
_DIRECTORY_MODE = 0o755
_KINDS = {"directory": stat.S_IFDIR, "file": stat.S_IFREG, "link": stat.S_IFLNK}


class SetAttributes(msgspec.Struct, frozen=True, tag="set-attributes", omit_defaults=True):
    """Give what is at a path other attributes; its content stays.

    :ivar path: the logical path of the entry itself.
    :ivar old: how it looked when this was planned. Only of a directory are mode and owner set.
    :ivar label: the label to set, ``old_label`` the one before; None to leave it.
    """

    marked: ClassVar[bool] = False

    subject: Subject
    target: str
    path: str
    old: Seen
    reason: str
    label: str | None = None
    old_label: str | None = None

    def describe(self) -> list[Step]:
        """One line."""
        return [Step(Action.RESTORE, self.subject, self.target, "mode, owner and label", self.reason)]

    def apply(self, machine: Machine) -> None:
        """Set them, unless somebody was here since they were looked at."""
        path = machine.root.join(self.path)
        if _attributes(files.look(path)) != _attributes(self.old):
            raise ChangedMeanwhileError(
                "somebody else changed this meanwhile", where=self.target, hint="run the command again"
            )
        self._set(path, _DIRECTORY_MODE, 0, 0, self.label)
        owned = machine.record.files.get(self.target)
        if isinstance(owned, OwnedCopy):
            machine.record.files[self.target] = msgspec.structs.replace(owned, seen=files.look(path))

    def revert(self, machine: Machine) -> None:
        """Set those that were there before, if the thing itself still is."""
        path = machine.root.join(self.path)
        if files.look(path).inode == self.old.inode:
            self._set(path, self.old.mode, self.old.user, self.old.group, self.old_label)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""

    def _set(self, path: str, mode: int, user: int, group: int, label: str | None) -> None:
        if self.old.kind == "directory":
            files.set_directory(path, mode=mode, user=user, group=group)
        if label is not None:
            set_label(path, label.encode())


@record(frozen=True)
class _Found:
    """One entry whose attributes are others than it was given."""

    subject: Subject
    target: str
    path: str
    seen: Seen
    what: str
    label: str | None = None
    old_label: str | None = None


def attribute_drift(machine: Machine, state: State) -> list[Drift]:
    """Directories that we made with another mode or owner, and whatever has another label than the policy says."""
    return [Drift(one.subject, one.target, one.what) for one in _find(machine, state)]


def plan_attributes(machine: Machine, state: State, leaving: set[str]) -> list[SetAttributes]:
    """What puts right everything that :func:`attribute_drift` finds.

    :param leaving: logical paths that are replaced or removed anyway.
    """
    return [
        SetAttributes(one.subject, one.target, one.path, one.seen, f"it {one.what}", one.label, one.old_label)
        for one in _find(machine, state)
        if one.target not in leaving
    ]


def _find(machine: Machine, state: State) -> list[_Found]:
    rules = [rule for path in state.tmpfiles if state.directories for rule in read_rules(machine.root, path)]
    ruled = Ruled(rules)
    found = [_look(machine, Subject.DIRECTORY, target, ruled=ruled.covers(target)) for target in state.directories]
    if machine.labels is not None:
        found += [_look(machine, Subject.FILE, target, ruled=True) for target in state.files]
    return [one for one in found if one is not None]


def _look(machine: Machine, subject: Subject, target: str, *, ruled: bool) -> _Found | None:
    """``ruled``: mode and owner are somebody else's business."""
    directory, _, name = target.rpartition("/")
    try:
        path = f"{machine.root.resolve(directory)}/{name}"
    except LinkLoopError:
        return None
    real = machine.root.join(path)
    seen = files.look(real)
    if seen.kind not in _KINDS:
        return None
    if subject is Subject.DIRECTORY and seen.kind != "directory":
        return None  # what should be below it is missing
    whats = [] if ruled else _differences(seen)
    label = old_label = None
    if machine.labels is not None:
        wanted, now = machine.labels.of(path, _KINDS[seen.kind]), label_of(real)
        if wanted is not None and _type(now) != _type(wanted):
            label, old_label = wanted.decode(), None if now is None else now.decode()
            whats.append(f"has label {old_label} instead of {label}" if old_label else f"has no label, not {label}")
    return _Found(subject, target, path, seen, " and ".join(whats), label, old_label) if whats else None


def _attributes(seen: Seen) -> tuple[object, ...]:
    """What is to be as it was planned with; what is in a directory may change meanwhile."""
    return seen.kind, seen.inode, seen.mode, seen.user, seen.group


def _differences(seen: Seen) -> list[str]:
    found = []
    if seen.mode != _DIRECTORY_MODE:
        found.append(f"has mode {seen.mode:04o} instead of {_DIRECTORY_MODE:04o}")
    if (seen.user, seen.group) != (0, 0):
        found.append(f"belongs to {seen.user}:{seen.group} instead of 0:0")
    return found


def _type(label: bytes | None) -> bytes | None:
    """What decides on access: who made a file, the first field, is not compared (restorecon(8) does not, either)."""
    fields = (label or b"").split(b":")
    return fields[2] if len(fields) > 2 else label
