"""The directories above managed paths: which exist, which have to be made, which are no directories."""

from __future__ import annotations

import os
import stat

from system_manager.activation.state import RUNTIME_DIRECTORY
from system_manager.base.records import record
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
    :ivar vanishing: logical paths of directories that are removed before anything is placed.
    :ivar missing: logical paths of directories that have to be made, after :meth:`need` was told.
    """

    def __init__(self, root: Root, wanted: set[str], gone: frozenset[str]) -> None:
        self._root = root
        self._wanted = wanted
        self._gone = gone
        self._known: dict[str, Parent] = {"": Parent("", exists=True)}
        self.vanishing: set[str] = set()
        self.missing: set[str] = set()

    def of(self, target: str) -> Parent:
        """The directory of ``target``."""
        return self._directory(target.rpartition("/")[0])

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
        if not above.exists or (directory in self._gone and not self._is_real_directory(path)):
            return Parent(path, exists=False)
        return self._look(directory, path)

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
            try:
                resolved = self._root.resolve(path)
            except LinkLoopError:
                return Parent(path, exists=False, problem=f"{directory} is a symbolic link that leads to itself")
            if os.path.isdir(self._root.join(resolved)):
                if resolved.startswith("/nix/store/"):
                    return Parent(path, exists=False, problem=f"{directory} is a link into the store")
                return Parent(resolved, exists=True)
            return Parent(path, exists=False, problem=f"{directory} is a symbolic link to no directory")
        return Parent(path, exists=False, problem=f"{directory} is not a directory")
