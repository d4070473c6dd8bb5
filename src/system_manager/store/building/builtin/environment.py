"""``builtin:build-env``: several packages seen as one tree of links, as ``buildEnv`` of nixpkgs makes it.

Attributes:

* ``paths``: a JSON list; each item is a store path, or ``{"paths": [...], "priority": <number, 5 if missing>}``.
  Of two files at the same place the one with the lower number wins.
* ``pathsToLink``: a JSON list of places that are wanted, ``["/"]`` if missing. They become real directories.
* ``ignoreCollisions``: two files at the same place with the same priority are a warning, and the first one wins.
* ``checkCollisionContents``: they are fine if their content is the same.
* ``extraPrefix``: the place inside the output where everything goes.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path

from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterator, Mapping
from system_manager.store.building.builtin.places import below
from system_manager.store.building.context import BuildContext, require
from system_manager.store.errors import BuildFailedError
from system_manager.store.nar import hash_nar
from system_manager.store.paths import STORE_DIRECTORY

_DEFAULT_PRIORITY = 5
_LINK_LIMIT = 40  # as the kernel's
_PROPAGATED = "nix-support/propagated-user-env-packages"


@record(frozen=True)
class _Place:
    """What is to be at one place: a link to ``target``, or a directory if that is None."""

    target: str | None
    priority: int


@record()
class _Environment:
    context: BuildContext
    wanted: tuple[str, ...]
    ignore_collisions: bool
    compare_contents: bool
    places: dict[str, _Place] = field(default_factory=dict)

    def add_package(self, package: str, priority: int, *, quietly: bool) -> None:
        """Merge one package into what is there."""
        real = self.resolve(package)
        if real is None:
            raise BuildFailedError(f"the path '{package}' does not exist", where=str(self.context.path))
        if not real.is_dir():
            raise BuildFailedError(
                f"the store path '{package}' is a file and cannot be merged into an environment",
                where=str(self.context.path),
                hint="put it into a directory, for example 'bin'",
            )
        pending = [("", package, priority)]
        while pending:
            place, target, own_priority = pending.pop()
            pending.extend(reversed(self._add(place, target, own_priority, quietly=quietly)))

    def _add(self, place: str, target: str, priority: int, *, quietly: bool) -> list[tuple[str, str, int]]:
        """Put one file or directory at its place; return what is left to do because two directories are merged."""
        if _is_left_out(place) or not self._is_wanted(place):
            return []
        old = self.places.get(place)
        if old is None:
            if self.resolve(target) is None and not self._leads_outside(target):
                self.context.log(f"warning: creating dangling symbolic link '{place}' to '{target}'")
            self.places[place] = _Place(target, priority)
            return []
        if old.target is not None:
            old_is_directory = self._is_directory(old.target)
            if priority < old.priority and not old_is_directory:
                self.places[place] = _Place(target, priority)
                return []
            if (resolved := self.resolve(target)) is not None and resolved == self.resolve(old.target):
                if self._is_link(old.target) and not self._is_link(target):
                    self.places[place] = _Place(target, priority)
                return []
            if priority > old.priority and not old_is_directory:
                return []
            if not old_is_directory or not self._is_directory(target):
                self._collide(place, old.target, target, quietly=quietly)
                return []
        elif not self._is_directory(target):
            raise BuildFailedError(
                f"'{target}' is not a directory, but '{place}' must be", where=str(self.context.path)
            )
        self.places[place] = _Place(None, priority)
        merged = [*self._children(place, old.target, old.priority)] if old.target is not None else []
        return [*merged, *self._children(place, target, priority)]

    def _collide(self, place: str, old: str, new: str, *, quietly: bool) -> None:
        if quietly:
            return
        if self.ignore_collisions:
            self.context.log(f"warning: collision between '{new}' and '{old}'")
            return
        if self.compare_contents and self._same_content(old, new):
            return
        raise BuildFailedError(
            f"two packages have a file at the same place, '{place}':\n  {old}\n  {new}",
            where=str(self.context.path),
            hint="give one of them another priority, for example with lib.hiPrio",
        )

    def _same_content(self, old: str, new: str) -> bool:
        real = [path for path in (self.resolve(old), self.resolve(new)) if path is not None and path.is_file()]
        if len(real) != 2:
            return False
        executable = [bool(path.stat().st_mode & stat.S_IXUSR) for path in real]
        return executable[0] == executable[1] and hash_nar(real[0]) == hash_nar(real[1])

    def _children(self, place: str, directory: str, priority: int) -> Iterator[tuple[str, str, int]]:
        real = self.resolve(directory)
        assert real is not None
        for name in sorted(entry.name for entry in real.iterdir()):
            yield f"{place}/{name}", f"{directory}/{name}", priority

    def _is_wanted(self, place: str) -> bool:
        """Whether a place is one of those wanted, or inside one. Their parents are in ``places`` from the start."""
        if place in self.places:
            return True
        return any(wanted in ("", place) or place.startswith(f"{wanted}/") for wanted in self.wanted)

    def _is_directory(self, target: str) -> bool:
        real = self.resolve(target)
        return real is not None and real.is_dir()

    def _is_link(self, target: str) -> bool:
        parent, _, name = target.rpartition("/")
        real = self.resolve(parent)
        return real is not None and (real / name).is_symlink()

    def _leads_outside(self, target: str) -> bool:
        """Whether it is a link out of the store: its file may come with a package that is installed later."""
        if not self._is_link(target):
            return False
        text = str(self.context.real_path(target).readlink())
        return text.startswith("/") and not text.startswith(f"{STORE_DIRECTORY}/")

    def resolve(self, text: str) -> Path | None:
        """Follow all links, those into the store to where it really is; None when they lead nowhere."""
        followed = 0
        parts = [part for part in reversed(text.split("/")) if part]
        logical = ""
        while parts:
            part = parts.pop()
            if part == "..":
                logical = logical.rpartition("/")[0]
                continue
            if part == ".":
                continue
            candidate = f"{logical}/{part}"
            if candidate in {"/nix", STORE_DIRECTORY}:  # not there at all where the store is elsewhere
                logical = candidate
                continue
            real = self.context.real_path(candidate)
            try:
                mode = real.lstat().st_mode
            except OSError:
                return None
            if not stat.S_ISLNK(mode):
                logical = candidate
                continue
            followed += 1
            if followed > _LINK_LIMIT:
                return None
            target = str(real.readlink())
            if target.startswith("/"):
                logical = ""
            parts.extend(part for part in reversed(target.split("/")) if part)
        return self.context.real_path(logical or "/")

    def propagated(self, package: str) -> list[str]:
        """What a package brings along when a user installs it."""
        real = self.resolve(f"{package}/{_PROPAGATED}")
        if real is None or not real.is_file():
            return []
        return real.read_text("utf-8", errors="replace").split()


def build_environment(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext) -> None:
    """Make the tree of links."""
    wanted = tuple(
        "" if text == "/" else text.rstrip("/")
        for text in _strings(environment.get("pathsToLink") or '["/"]', "pathsToLink", context)
    )
    tree = _Environment(
        context,
        wanted,
        ignore_collisions=bool(environment.get("ignoreCollisions")),
        compare_contents=bool(environment.get("checkCollisionContents")),
    )
    for place in wanted:
        parts = place.split("/")
        for count in range(1, len(parts) + 1):
            tree.places["/".join(parts[:count])] = _Place(None, 0)
    _add_packages(tree, _packages(require(environment, "paths", context), context))
    output = below(outputs["out"], environment.get("extraPrefix", ""), context)
    output.mkdir(parents=True)
    for place, content in sorted(tree.places.items()):
        real = below(output, place, context)
        if content.target is None:
            real.mkdir(parents=True, exist_ok=True)
        else:
            real.symlink_to(content.target)


def _add_packages(tree: _Environment, packages: list[tuple[str, int]]) -> None:
    done: set[str] = set()
    postponed: list[str] = []
    for package, priority in packages:
        if package not in done:
            done.add(package)
            tree.add_package(package, priority, quietly=False)
            postponed.extend(tree.propagated(package))
    # What comes along with a package never displaces what was asked for, nor does it collide with anything.
    priority = 1000
    while postponed:
        following: list[str] = []
        for package in postponed:
            if package not in done:
                done.add(package)
                tree.add_package(package, priority, quietly=True)
                priority += 1
                following.extend(tree.propagated(package))
        postponed = following


def _is_left_out(place: str) -> bool:
    """Files that belong to one package only, or that are indexes of a whole tree."""
    name = place.rpartition("/")[2]
    return (
        place in ("/propagated-build-inputs", "/nix-support")
        or place.endswith("info/dir")
        or (place.startswith("/share/mime/") and not place.startswith("/share/mime/packages"))
        or name in ("perllocal.pod", "log")
    )


def _strings(text: str, name: str, context: BuildContext) -> list[str]:
    parsed = _parse(text, name, context)
    if not all(isinstance(item, str) and item.startswith("/") for item in parsed):
        raise BuildFailedError(f"the attribute '{name}' must be a JSON list of absolute paths", where=str(context.path))
    return [str(item) for item in parsed]


def _packages(text: str, context: BuildContext) -> list[tuple[str, int]]:
    packages: list[tuple[str, int]] = []
    for item in _parse(text, "paths", context):
        if isinstance(item, str):
            packages.append((item, _DEFAULT_PRIORITY))
        elif (
            isinstance(item, dict)
            and isinstance(paths := item.get("paths"), list)
            and all(isinstance(path, str) for path in paths)
            and isinstance(priority := item.get("priority", _DEFAULT_PRIORITY), int)
        ):
            packages.extend((path, priority) for path in paths)
        else:
            raise BuildFailedError(
                "the attribute 'paths' must be a JSON list of paths, or of objects with 'paths' and 'priority'",
                where=str(context.path),
            )
    return packages


def _parse(text: str, name: str, context: BuildContext) -> list[object]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, list):
        raise BuildFailedError(f"the attribute '{name}' must be a JSON list", where=str(context.path))
    return parsed
