"""Files as programs see them: store paths under their logical names, nothing outside the allowed paths.

Every look at a file is noted in the evaluation's :class:`Facts`.
"""

from __future__ import annotations

import os

from system_manager.evaluation.facts import Facts, Node, NodeKind
from system_manager.evaluation.settings import EvaluationSettings, Purity
from system_manager.language.errors import EvaluationError
from system_manager.store.paths import STORE_DIRECTORY

_MAXIMUM_LINKS = 1024


class ForbiddenPathError(EvaluationError):
    """The purity of this evaluation forbids to look at the path."""


class SourceFiles:
    """The file system of one evaluation. Paths are absolute and without ``.`` and ``..``.

    :param store_directory: where the content of ``/nix/store`` really is.
    """

    def __init__(self, settings: EvaluationSettings, store_directory: str, facts: Facts) -> None:
        self._facts = facts
        self._purity = settings.purity
        self._allowed = {path.rstrip("/") for path in settings.allowed_paths}
        self._store_directory = store_directory
        self._moved = self._store_directory != STORE_DIRECTORY
        self._mounts: dict[str, str] = {}

    def allow(self, path: str) -> None:
        """Let the program read this file or directory, e.g. a store path that it has just made."""
        self._allowed.add(path.rstrip("/"))

    def mount(self, store_path: str, real_path: str) -> None:
        """Let a store path that is not in the store be read where its content really is."""
        self._mounts[store_path] = real_path
        self.allow(store_path)

    def is_mounted(self, store_path: str) -> bool:
        """Whether :meth:`mount` has been told where the path's content is."""
        return store_path in self._mounts

    def real(self, path: str) -> str:
        """Where the file really is."""
        if self._mounts and path.startswith(STORE_DIRECTORY + "/"):
            end = path.find("/", len(STORE_DIRECTORY) + 1)
            top = path if end < 0 else path[:end]
            if top in self._mounts:
                return self._mounts[top] + path[len(top) :]
        if self._moved and (path == STORE_DIRECTORY or path.startswith(STORE_DIRECTORY + "/")):
            return self._store_directory + path[len(STORE_DIRECTORY) :]
        return path

    def look(self, path: str) -> Node:
        """What the path is; links are not followed. Raises :class:`EvaluationError`."""
        self.check(path)
        try:
            return self._facts.add_node(self.real(path))
        except OSError as error:
            raise EvaluationError(f"cannot get the status of '{path}': {error.strerror}") from error

    def look_existing(self, path: str) -> Node:
        """As :meth:`look`, and an error if there is nothing."""
        node = self.look(path)
        if node.kind is NodeKind.MISSING:
            raise EvaluationError(f"path '{path}' does not exist")
        return node

    def resolve(self, path: str, *, last: bool = True) -> str:
        """Follow symbolic links, the last component's only on request. What does not exist stays as it is."""
        pending = [part for part in path.split("/") if part]
        pending.reverse()
        done: list[str] = []
        links = 0
        while pending:
            part = pending.pop()
            if part == "..":
                del done[-1:]
                continue
            if part == ".":
                continue
            current = "/" + "/".join([*done, part])
            if not last and not pending:
                done.append(part)
                break
            if self._visible(current):
                node = self.look(current)
                if node.target is not None:
                    links += 1
                    if links > _MAXIMUM_LINKS:
                        raise EvaluationError(f"too many symbolic links encountered while traversing the path '{path}'")
                    if node.target.startswith("/"):
                        done.clear()
                    pending += [name for name in reversed(node.target.split("/")) if name]
                    continue
            done.append(part)
        return "/" + "/".join(done)

    def read(self, path: str) -> bytes:
        """A file's bytes, links followed."""
        resolved = self.resolve(path)
        self.check(resolved)
        try:
            return self._facts.add_file(self.real(resolved))
        except OSError as error:
            raise self._cannot("read", path, error) from error

    def list(self, path: str) -> dict[str, NodeKind]:
        """A directory's entries, sorted, links to it followed; those that must not be seen are left out."""
        resolved = self.resolve(path)
        self.check(resolved)
        try:
            entries = self._facts.add_listing(self.real(resolved))
        except OSError as error:
            raise self._cannot("read directory", path, error) from error
        return {name: kind for name, kind in entries.items() if self._visible(f"{resolved.rstrip('/')}/{name}")}

    @staticmethod
    def _cannot(verb: str, path: str, error: OSError) -> EvaluationError:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not os.path.lexists(path):
            return EvaluationError(f"path '{path}' does not exist")
        return EvaluationError(f"cannot {verb} '{path}': {error.strerror}")

    def _visible(self, path: str) -> bool:
        """Whether links at this path may be followed: allowed, or on the way to something allowed."""
        return self._purity is Purity.IMPURE or self._is_allowed(path)

    def check(self, path: str) -> None:
        """Raise :class:`ForbiddenPathError` unless the program may look at this path."""
        if self._purity is Purity.IMPURE or self._is_allowed(path):
            return
        if self._purity is Purity.PURE:
            mode, hint = "pure evaluation mode", "use '--impure' to override"
        else:
            mode, hint = "restricted mode", "add its directory to the search path with -I"
        raise ForbiddenPathError(f"access to absolute path '{path}' is forbidden in {mode}", hint=hint)

    def _is_allowed(self, path: str) -> bool:
        if path in self._allowed:
            return True
        above = path
        while above:
            above = above.rpartition("/")[0]
            if above in self._allowed:
                return True
        beneath = path.rstrip("/") + "/"
        return any(allowed.startswith(beneath) for allowed in self._allowed)
