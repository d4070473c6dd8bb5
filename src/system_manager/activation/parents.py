"""The directories above managed paths: which exist, which have to be made, which are no directories."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

from system_manager.activation.state import RUNTIME_DIRECTORY
from system_manager.base.records import record
from system_manager.host.files import ABSENT, look
from system_manager.host.root import LinkLoopError, Root


@record(frozen=True)
class Parent:
    """The directory of a managed path.

    :ivar path: its logical path with links followed (as far as it exists).
    :ivar exists: whether it is there now and will stay.
    :ivar problem: why nothing can be put below it, as a clause; None when something can.
    """

    path: str
    exists: bool
    problem: str | None = None


class Parents:
    """Answers for each directory once.

    :param wanted: all paths that the new manifest manages.
    :param gone: paths of ours that are removed before anything is placed.
    :param movable: directories of ours, of which whatever is in their places may be moved away.
    :param returning: of those, where (logical paths) the originals are that come back in their places.
    :ivar vanishing: logical paths of directories that are removed before anything is placed.
    :ivar in_the_way: logical paths of what is in the place of directories of ours, and has to be moved away.
    :ivar missing: logical paths of directories that have to be made, after :meth:`need` was told.
    """

    def __init__(
        self,
        root: Root,
        wanted: set[str],
        gone: frozenset[str],
        returning: Mapping[str, str] | None = None,
        movable: frozenset[str] = frozenset(),
    ) -> None:
        self._root = root
        self._wanted = wanted
        self._gone = gone
        self._returning = returning or {}
        self._movable = movable
        self._known: dict[str, Parent] = {"": Parent("", exists=True)}
        self.vanishing: set[str] = set()
        self.missing: set[str] = set()
        self.in_the_way: set[str] = set()

    def of(self, target: str) -> Parent:
        """The directory of ``target``."""
        return self._directory(target.rpartition("/")[0])

    def place(self, target: str) -> str:
        """The logical path of the entry itself, links in the directories above it followed."""
        return f"{self.of(target).path}/{target.rpartition('/')[2]}"

    def need(self, target: str) -> None:
        """Something will be put at ``target``: plan every directory above it that is not there."""
        directory = target.rpartition("/")[0]
        while directory:
            parent = self._directory(directory)
            if parent.exists and parent.path not in self.vanishing:
                return
            self.missing.add(parent.path)
            directory = directory.rpartition("/")[0]

    def _directory(self, directory: str) -> Parent:
        known = self._known.get(directory)
        if known is None:
            known = self._known[directory] = self._find(directory)
        return known

    def _find(self, directory: str) -> Parent:
        above = self._directory(directory.rpartition("/")[0])
        path = f"{above.path}/{directory.rpartition('/')[2]}"
        if above.problem is not None:
            return Parent(path, exists=False, problem=above.problem)
        if directory in self._wanted:
            return Parent(path, exists=False, problem=f"it is inside {directory}, which is managed as one thing")
        if directory == RUNTIME_DIRECTORY:
            return Parent(path, exists=True)
        if directory in self._gone and not self._is_real_directory(path):
            return self._returned(directory, path)
        if not above.exists:
            return Parent(path, exists=False)
        found = self._look(directory, path)
        if found.problem is not None and path in self._movable:
            self.in_the_way.add(path)
            return Parent(path, exists=False)
        return found

    def _returned(self, directory: str, path: str) -> Parent:
        """What is there when a file or link of ours is gone."""
        seen = look(self._root.join(self._returning[directory])) if directory in self._returning else ABSENT
        if seen.kind == "file":
            return Parent(path, exists=False, problem=f"the original of {directory} returns, and is no directory")
        if seen.kind == "link":
            return self._behind(
                directory, path, f"{'' if seen.text.startswith('/') else path.rpartition('/')[0]}/{seen.text}"
            )
        return Parent(path, exists=False)

    def _is_real_directory(self, path: str) -> bool:
        real = self._root.join(path)
        return os.path.isdir(real) and not os.path.islink(real)

    def _look(self, directory: str, path: str) -> Parent:
        try:
            mode = os.lstat(self._root.join(path)).st_mode
        except FileNotFoundError:
            return Parent(path, exists=False)
        if stat.S_ISDIR(mode):
            return Parent(path, exists=True)
        if stat.S_ISLNK(mode):
            return self._behind(directory, path, path)
        return Parent(path, exists=False, problem=f"{directory} is not a directory")

    def _behind(self, directory: str, path: str, leads: str) -> Parent:
        """The directory to which a link leads."""
        try:
            resolved = self._root.resolve(leads)
        except LinkLoopError:
            return Parent(path, exists=False, problem=f"{directory} is a symbolic link that leads to itself")
        if os.path.isdir(self._root.join(resolved)):
            if resolved.startswith("/nix/store/"):
                return Parent(path, exists=False, problem=f"{directory} is a link into the store")
            return Parent(resolved, exists=True)
        return Parent(path, exists=False, problem=f"{directory} is a symbolic link to no directory")


def by_another_way(new: Iterable[str], gone: Iterable[str], parents: Parents) -> dict[str, str]:
    """New targets that are the same place as ones that go: a link above either leads there."""
    places = {parents.place(target): target for target in gone}
    found = {target: places.get(parents.place(target)) for target in new} if places else {}
    return {target: old for target, old in found.items() if old is not None}


def is_behind_link(root: Root, path: str) -> bool:
    """Whether a directory above a changed path (logical, links followed) is a link now: then nothing is taken back.

    None was when the change was planned. Either the link is the old state of a change that would have come before this
    one, which therefore was not begun; or somebody has put it there since. What is beyond it is somebody else's.
    """
    directory = os.path.dirname(path)
    return root.resolve(directory) != directory
