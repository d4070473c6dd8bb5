"""Planning files: what the manifest wants, what we own, what is there, and the changes that follow.

An entry that is as it was left costs one look (a ``readlink`` or an ``lstat``); content is read only when that
look says that somebody wrote to the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import msgspec

from system_manager.activation.directory_changes import Leaving, MakeDirectory, RemoveDirectory, TakeDirectoryAway
from system_manager.activation.file_changes import ChangeFile, PutCopy, PutLink, PutOriginal, unused_backup
from system_manager.activation.mounts import UndoPlaces
from system_manager.activation.moving_away import MoveAway
from system_manager.activation.own_places import is_own_place
from system_manager.activation.parents import Parents, by_another_way
from system_manager.activation.sources import STORE, is_lost, source_problem
from system_manager.activation.state import (
    EDITED_DIRECTORY,
    ORIGINALS_DIRECTORY,
    Owned,
    OwnedCopy,
    OwnedLink,
    State,
)
from system_manager.base.records import field, record
from system_manager.generation.manifest import CopyFile, File, LinkFile
from system_manager.host import files
from system_manager.host.accounts import Accounts
from system_manager.host.files import ABSENT, Seen
from system_manager.host.numtide import STATIC_LINK
from system_manager.host.root import Root

EDITED = "somebody edited it; that text is kept"
MISSING = "it is missing"
NO_LONGER_WANTED = "no longer in the configuration"


@record(frozen=True)
class Conflict:
    """Something that cannot become what the configuration wants. ``why`` is a clause.

    :ivar replaceable: ``replaceExisting`` would do.
    :ivar lost: a store path is missing that was there when this was built.
    """

    target: str
    why: str
    replaceable: bool = False
    lost: bool = False


def _says_the_same(file: File, seen: Seen) -> bool:
    """Whether a link to put means what the link does that is there: of dependencies of units only the name counts."""
    directory = file.target.rpartition("/")[0]
    is_dependency = directory.startswith("/etc/systemd/") and directory.endswith((".wants", ".requires", ".upholds"))
    return is_dependency or seen.text == file.source


_Change = ChangeFile | MakeDirectory | MoveAway | RemoveDirectory | TakeDirectoryAway


@record()
class FilePlan:
    """What has to be done about files.

    :ivar changes: removals, directories, then placements.
    :ivar conflicts: when there are any, nothing may be done.
    :ivar adopted: entries that need no change but another record, None for a record that goes.
    :ivar notices: sentences for the user.
    """

    changes: list[_Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    adopted: dict[str, Owned | None] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def targets(self) -> set[str]:
        """Every path that is changed, also those that go with their directory."""
        found = {change.target for change in self.changes}
        for change in self.changes:
            if isinstance(change, TakeDirectoryAway):
                found.update(f"{change.target}/{file.name}" for file in change.files)
        return found


def plan_files(
    desired: Sequence[File],
    state: State,
    *,
    root: Root,
    accounts: Accounts,
    transaction: str,
    owners_may_appear: bool,
    repair: bool,
) -> FilePlan:
    """Compare, and plan.

    :param desired: sorted by target.
    :param owners_may_appear: unknown owners are no conflict, since packages that are to be installed may bring them.
    :param repair: what cannot be replaced in one step is moved away from where something of ours was.
    """
    planner = _Planner(
        desired,
        state,
        root,
        accounts=accounts,
        transaction=transaction,
        owners_may_appear=owners_may_appear,
        repair=repair,
    )
    return planner.run()


class _Planner:
    def __init__(
        self,
        desired: Sequence[File],
        state: State,
        root: Root,
        *,
        accounts: Accounts,
        transaction: str,
        owners_may_appear: bool,
        repair: bool,
    ) -> None:
        self.desired = desired
        self.state = state
        self.root = root
        self.accounts = accounts
        self.transaction = transaction
        self.owners_may_appear = owners_may_appear
        self.repair = repair
        self.away: list[MoveAway] = []
        self.plan = FilePlan()
        self.backups: set[str] = set()
        self.wanted = {file.target for file in desired}
        self.present = Parents(root, set(), frozenset())
        gone = [target for target in state.files if target not in self.wanted]
        self.renamed = by_another_way(self.wanted - state.files.keys(), gone, self.present)
        self.gone = [target for target in gone if target not in self.renamed.values()]
        originals = ((target, state.files[target].original) for target in self.gone)
        returning = {target: original for target, original in originals if original is not None}
        movable = frozenset(state.directories if repair else ())
        self.parents = Parents(root, self.wanted, frozenset(self.gone), returning, movable)
        self.undo = UndoPlaces(root, transaction)

    def run(self) -> FilePlan:
        removals = [change for target in self.gone if (change := self._remove(target)) is not None]
        directories = self._remove_directories({change.path for change in removals if change.new is None})
        placements = self._place_all()
        for path in sorted(self.parents.in_the_way):
            self._move_away(path, path, files.look(self.root.join(path)))
        self.plan.changes = [
            *self._taken_away((change for change in removals if change.old.kind != "absent"), directories),
            *self.away,
            *(MakeDirectory(path, path) for path in sorted(self.parents.missing)),
            *(change for change in removals if change.old.kind == "absent"),
            *placements,
        ]
        if self.state.taken_from:  # what was there leads through this link until it is replaced
            self.plan.changes.sort(key=lambda change: change.target == STATIC_LINK)
        return self.plan

    # What is no longer wanted

    def _remove(self, target: str) -> ChangeFile | None:
        owned = self.state.files[target]
        parent = self.present.of(target)
        self.plan.adopted[target] = None
        if parent.problem is not None:
            rest = f"; its original is kept as {owned.original}" if owned.original is not None else ""
            self.plan.notices.append(f"{target} is no longer managed: {parent.problem}{rest}")
            return None
        path = f"{parent.path}/{target.rpartition('/')[2]}"
        seen = files.look(self.root.join(path)) if parent.exists else ABSENT
        original = self._original_of(target, owned)
        if seen.kind == "absent":
            if original is None:
                return None
            self.parents.need(target)
            return ChangeFile(target, path, seen, original, reason=NO_LONGER_WANTED)
        if seen.kind not in {"file", "link"}:
            what = "something that is neither file nor link" if seen.kind == "other" else files.NAMES[seen.kind]
            rest = f"; its original is kept as {owned.original}" if owned.original else ""
            self.plan.notices.append(f"{target} has become {what} and is left alone{rest}")
            return None
        keep, reason = None, NO_LONGER_WANTED
        if not self._is_as_left(owned, seen, path):
            keep = self._backup_path(EDITED_DIRECTORY, target)
            reason = f"{NO_LONGER_WANTED}; {EDITED} as {keep}"
        return ChangeFile(target, path, seen, original, keep=keep, reason=reason)

    def _original_of(self, target: str, owned: Owned) -> PutOriginal | None:
        """What was there before us; None when there was nothing, or it cannot be put back."""
        if owned.original is None:
            return None
        kind = files.look(self.root.join(owned.original)).kind
        if kind in {"file", "link"}:
            return PutOriginal(owned.original)
        what = "is missing from" if kind == "absent" else f"is {files.NAMES[kind]} by now, and stays as"
        self.plan.notices.append(f"the original of {target} {what} {owned.original}")
        return None

    def _remove_directories(self, removed: set[str]) -> list[RemoveDirectory]:
        """The directories of ours that will be empty, deepest first."""
        found = []
        needed = {*self._ancestors_of_wanted(), *self.parents.missing}
        for target in sorted(self.state.directories, reverse=True):
            if target in needed:
                continue
            directory, _, name = target.rpartition("/")
            # What is a link by now is somebody's, and so is what it leads to.
            path = f"{self.root.resolve(directory).rstrip('/')}/{name}"
            real = self.root.join(path)
            seen = files.look(real)
            if seen.kind != "directory":
                continue
            if all(f"{path}/{name}" in removed for name in os.listdir(real)):
                removed.add(path)
                self.parents.vanishing.add(path)
                found.append(RemoveDirectory(target, path, seen.mode, seen.user, seen.group))
        return found

    def _taken_away(
        self, removals: Iterable[ChangeFile], directories: list[RemoveDirectory]
    ) -> list[ChangeFile | RemoveDirectory | TakeDirectoryAway]:
        """Give all that goes a place where it is kept: files that need nothing else share that of their directory."""
        going = {directory.target: directory for directory in directories if not self.undo.has_mounts(directory.path)}
        together: dict[str, list[Leaving]] = {}
        apart: list[ChangeFile | RemoveDirectory | TakeDirectoryAway] = []
        for change in removals:
            directory = going.get(change.target.rpartition("/")[0])
            above, _, name = change.path.rpartition("/")
            if directory is None or directory.path != above or change.new is not None or change.keep is not None:
                apart.append(msgspec.structs.replace(change, saved=self.undo.place(change.path, self.parents)))
            else:
                together.setdefault(directory.target, []).append(Leaving(name, change.old))
        for directory in directories:
            inside = together.get(directory.target)
            if inside is None:
                apart.append(directory)
                continue
            saved = self.undo.place(directory.path, self.parents)
            values = msgspec.structs.asdict(directory)
            apart.append(TakeDirectoryAway(**values, saved=saved, files=tuple(inside), reason=NO_LONGER_WANTED))
        return apart

    def _ancestors_of_wanted(self) -> set[str]:
        found: set[str] = set()
        for parent in {self.parents.of(target).path for target in self.wanted}:
            directory = parent
            while directory and directory not in found:
                found.add(directory)
                directory = directory.rpartition("/")[0]
        return found

    # What is wanted

    def _place_all(self) -> list[ChangeFile]:
        placements = []
        places: dict[str, str] = {}
        owned_files = self.state.files
        for target, old in self.renamed.items():
            self.plan.adopted[old] = None
            self.plan.adopted[target] = owned_files[old]
        for file in self.desired:
            target = file.target
            owned = owned_files.get(self.renamed.get(target, target))
            parent = self.parents.of(target)
            if parent.problem is not None:
                self.plan.conflicts.append(Conflict(target, parent.problem))
                continue
            path = f"{parent.path}/{target.rpartition('/')[2]}"
            if owned is not None and parent.exists and self._is_right(file, owned, self.root.prefix + path):
                continue
            if is_own_place(path):
                self.plan.conflicts.append(Conflict(target, "System Manager keeps its own things there"))
                continue
            seen = self._look(path, exists=parent.exists)
            change = self._place_link(file, owned, path, seen) if isinstance(file, LinkFile) else None
            if isinstance(file, CopyFile):
                change = self._place_copy(file, owned, path, seen)
            if change is None:
                continue
            if (other := places.setdefault(path, target)) != target:
                self.plan.conflicts.append(Conflict(target, f"a link above it makes it the same as {other}"))
                continue
            self.parents.need(target)
            placements.append(change)
        return placements

    def _is_right(self, file: File, owned: Owned, path: str) -> bool:
        """The quick answer for the usual case: nothing new is wanted, and nobody touched it."""
        if isinstance(file, LinkFile):
            if not isinstance(owned, OwnedLink) or owned.text != file.source:
                return False
            try:
                return os.readlink(path) == file.source
            except OSError:
                return False
        if not isinstance(owned, OwnedCopy) or owned.source != file.source or owned.mode != int(file.mode, 8):
            return False
        if not file.source.startswith(STORE):
            return False
        seen = owned.seen
        try:
            now = os.lstat(path)
        except OSError:
            return False
        return (
            now.st_ctime_ns == seen.changed
            and now.st_mtime_ns == seen.modified
            and now.st_size == seen.size
            and now.st_ino == seen.inode
            and self.accounts.user_id(file.user) == owned.user
            and self.accounts.group_id(file.group) == owned.group
        )

    def _look(self, path: str, *, exists: bool) -> Seen:
        if not exists or path in self.parents.vanishing:
            return ABSENT
        return files.look(self.root.join(path))

    def _place_link(self, file: LinkFile, owned: Owned | None, path: str, seen: Seen) -> ChangeFile | None:
        original = owned.original if owned is not None else None
        if seen.kind == "link" and seen.text == file.source:
            if owned is None and not file.source.startswith(STORE):
                # The same link made by somebody else: it has to be there again when ours goes.
                return self._place(file, owned, path, seen, PutLink(file.source))
            self.plan.adopted[file.target] = OwnedLink(file.source, original)
            return None
        return self._place(file, owned, path, seen, PutLink(file.source))

    def _place_copy(self, file: CopyFile, owned: Owned | None, path: str, seen: Seen) -> ChangeFile | None:
        user, group = self.accounts.user_id(file.user), self.accounts.group_id(file.group)
        if (user is None or group is None) and not self.owners_may_appear:
            unknown = f"user '{file.user}'" if user is None else f"group '{file.group}'"
            self.plan.conflicts.append(Conflict(file.target, f"there is no {unknown} to own it"))
            return None
        mode = int(file.mode, 8)
        put = PutCopy(file.source, mode, file.user, file.group)
        if seen.kind == "file" and (seen.mode, seen.user, seen.group) == (mode, user, group):
            digest = self._digest(file.source, owned)
            same = digest is not None and digest == self._digest_of_seen(owned, seen, path)
            if same and digest is not None and user is not None and group is not None and owned is not None:
                record = OwnedCopy(file.source, digest, mode, user, group, seen, owned.original)
                self.plan.adopted[file.target] = record
                return None
            if same:
                return self._place(file, owned, path, seen, put, identical=True)
        return self._place(file, owned, path, seen, put)

    def _place(
        self, file: File, owned: Owned | None, path: str, seen: Seen, put: PutLink | PutCopy, *, identical: bool = False
    ) -> ChangeFile | None:
        """Decide about what is there now, which is not what is wanted."""
        target = file.target
        if (problem := source_problem(file, self.root)) is not None:
            self.plan.conflicts.append(Conflict(target, problem, lost=is_lost(file, self.root)))
            return None
        original = owned.original if owned is not None else None
        if seen.kind == "absent":
            return ChangeFile(target, path, seen, put, original=original, reason=MISSING if owned is not None else "")
        if seen.kind not in {"file", "link"}:
            if self.repair and owned is not None:
                self._move_away(target, path, seen)
                return ChangeFile(target, path, ABSENT, put, original=original, reason=MISSING)
            what = "a directory" if seen.kind == "directory" else "something that is neither file nor link"
            self.plan.conflicts.append(Conflict(target, f"{what} is in the way"))
            return None
        keep, reason = None, ""
        if owned is None:
            if not (file.replace_existing or identical or (seen.kind == "link" and _says_the_same(file, seen))):
                self.plan.conflicts.append(
                    Conflict(target, f"a {seen.kind} that is not managed is in the way", replaceable=True)
                )
                return None
            keep = original = self._backup_path(ORIGINALS_DIRECTORY, target)
            reason = f"the original is kept as {keep}"
        elif not self._is_as_left(owned, seen, path):
            keep = self._backup_path(EDITED_DIRECTORY, target)
            reason = f"{EDITED} as {keep}"
        saved = self.undo.place(path, self.parents)
        return ChangeFile(target, path, seen, put, saved=saved, keep=keep, original=original, reason=reason)

    def _move_away(self, target: str, path: str, seen: Seen) -> None:
        self.away.append(MoveAway(target, path, seen, self._backup_path(EDITED_DIRECTORY, target)))

    # Comparing

    def _is_as_left(self, owned: Owned, seen: Seen, path: str) -> bool:
        """Whether nobody else has changed an entry of ours."""
        if isinstance(owned, OwnedLink):
            return seen.kind == "link" and seen.text == owned.text
        if seen == owned.seen:
            return True
        if seen.kind != "file" or (seen.mode, seen.user, seen.group) != (owned.mode, owned.user, owned.group):
            return False
        return seen.size == owned.seen.size and files.digest_of(self.root.join(path)) == owned.digest

    def _digest(self, source: str, owned: Owned | None) -> str | None:
        if isinstance(owned, OwnedCopy) and owned.source == source and source.startswith(STORE):
            return owned.digest
        try:
            return files.digest_of(self.root.real(source))
        except OSError:
            return None

    def _digest_of_seen(self, owned: Owned | None, seen: Seen, path: str) -> str:
        if isinstance(owned, OwnedCopy) and seen == owned.seen:
            return owned.digest
        return files.digest_of(self.root.join(path))

    def _backup_path(self, directory: str, target: str) -> str:
        middle = f"/{self.transaction}" if directory == EDITED_DIRECTORY else ""
        path = unused_backup(self.root, f"{directory}{middle}{target}", self.backups)
        self.backups.add(path)
        return path
