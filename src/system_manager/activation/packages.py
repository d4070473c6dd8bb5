"""Planning packages: which distribution packages the toplevel needs, and which of ours it no longer needs.

Packages that were on the machine before are never removed, and never replaced by another version unless something
that is asked for needs a newer one. Then that is noted, and undone when it is no longer needed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec

from system_manager.activation.change import Machine
from system_manager.activation.package_changes import InstallPackages, MarkPackages, Moved, RemovePackages, Wanted
from system_manager.activation.package_files import recall
from system_manager.activation.state import OwnedPackage, State
from system_manager.activation.unit_definitions import SYSTEM_DIRECTORIES
from system_manager.base.errors import SystemManagerError
from system_manager.base.records import field, record
from system_manager.generation.manifest import Manifest
from system_manager.host.packages import (
    DESCRIPTION_FILE,
    InstalledPackage,
    PackageAction,
    PackageConflictError,
    PackageManager,
)
from system_manager.host.root import Root


@record()
class PackagePlan:
    """What has to be done about packages.

    :ivar restore: versions from before us to put back, after ``remove``.
    :ivar kept: packages of the machine's own that the configuration asks for, and that were dependencies; None for
        as it is.
    :ivar adopted: packages whose record changes although nothing happens to them; None for no longer ours.
    """

    install: InstallPackages | None = None
    remove: RemovePackages | None = None
    restore: InstallPackages | None = None
    marks: MarkPackages | None = None
    kept: frozenset[str] | None = None
    adopted: dict[str, OwnedPackage | None] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def read_wanted(paths: Iterable[str], root: Root) -> list[Wanted]:
    """The packages that store paths stand for, by name. Raises :class:`SystemManagerError` when one is none."""
    found: dict[str, Wanted] = {}
    for path in paths:
        real = os.path.join(root.real(path), DESCRIPTION_FILE)
        try:
            with open(real, "rb") as file:
                wanted = msgspec.json.decode(file.read(), type=Wanted)
        except (OSError, msgspec.MsgspecError) as error:
            raise SystemManagerError(
                f"this store path does not describe a package of the distribution: {error}", where=path
            ) from None
        other = found.setdefault(wanted.name, wanted)
        if other.version != wanted.version:
            raise SystemManagerError(
                f"the configuration needs '{wanted.name}' in two versions, {other.version} and {wanted.version}",
                where=path,
                hint="take both from the same set of packages",
            )
        if not wanted.automatic:
            found[wanted.name] = wanted
    return [found[name] for name in sorted(found)]


def plan_packages(
    machine: Machine,
    manifest: Manifest,
    state: State,
    *,
    toplevel: str | None,
    installed: InstallPackages | None = None,
) -> PackagePlan:
    """Compare what is wanted with what is installed, and let the package manager simulate the rest.

    :param toplevel: what the manifest is of; what came along when it was active before comes along again.
    :param installed: what was done already.
    """
    root = machine.root
    wanted = read_wanted(manifest.packages, root)
    if not (wanted or state.packages or state.kept):
        return PackagePlan()
    manager = machine.packages
    if manager is None:
        raise SystemManagerError(
            f"the configuration needs packages ({', '.join(one.name for one in wanted)}), "
            "and this distribution's package manager is not supported",
            hint="install them by hand and take them out of the configuration",
        )
    managed = tuple(sorted(state.units.keys() | manifest.units.keys()))
    planner = _Planner(state, root, manager, managed, recall(root, toplevel))
    if installed is not None:
        planner.note_displaced(installed.moved)
    planner.plan_installation(wanted)
    asked = {one.name for one in wanted if not one.automatic}
    planner.plan_removal(asked)
    planner.plan_marks(asked)
    return planner.plan


def leaving_units(machine: Machine, change: RemovePackages | None) -> frozenset[str]:
    """The names of the unit files that go with packages of which the file is at hand."""
    if change is None or machine.packages is None:
        return frozenset()
    from pathlib import Path

    manager = machine.packages
    files = [machine.root.real(path) for path in change.package_files()]
    paths = [entry.path for file in files if os.path.exists(file) for entry in manager.entries(Path(file))]
    return frozenset(os.path.basename(path) for path in paths if os.path.dirname(path) in SYSTEM_DIRECTORIES)


class _Planner:
    def __init__(
        self,
        state: State,
        root: Root,
        manager: PackageManager,
        managed: tuple[str, ...],
        recalled: Mapping[str, OwnedPackage] | None,
    ) -> None:
        self.plan = PackagePlan()
        self._owned = state.packages
        self._kept = frozenset(state.kept)
        self._root = root
        self._manager = manager
        self._managed = managed
        self._was_active = recalled is not None
        self._recalled = {name: package for name, package in (recalled or {}).items() if not package.asked}
        self._present: Mapping[str, InstalledPackage] = {}
        self._along: set[str] = set()
        self._displaced: set[str] = set()

    def note_displaced(self, moved: Iterable[Moved]) -> None:
        """What has to make way is gone before anything else is removed."""
        self._displaced |= {one.name for one in moved if one.new is None}

    def plan_installation(self, wanted: Sequence[Wanted]) -> None:
        """What is missing, in another version, or a dependency up to now."""
        named = {one.name for one in wanted}
        along = [
            Wanted(name, package.version, package.architecture, package.sha256, package.file, automatic=True)
            for name, package in self._recalled.items()
            if name not in named
        ]
        everything = [*wanted, *along]
        self._along = {one.name for one in everything if one.automatic}
        self._present = self._manager.installed({one.name for one in everything} | self._owned.keys() | self._kept)
        missing = [one for one in everything if self._is_missing(one)]
        promoted = tuple(
            one.name
            for one in wanted
            if not one.automatic and one not in missing and one.name in self._owned and not self._owned[one.name].asked
        )
        if missing or promoted:
            requests = [one.request(self._root) for one in missing]
            leaving = self._leaving({one.name for one in everything})
            moved = tuple(map(Moved.of, self._manager.simulate(requests, leaving=leaving))) if missing else ()
            self.note_displaced(moved)
            files = self._files(moved)
            self.plan.install = InstallPackages(tuple(missing), moved, files, self._managed, promoted, leaving)

    def _leaving(self, needed: Container[str]) -> tuple[str, ...]:
        """What will be removed in the end, unless somebody needs it: something else may take its place."""
        return tuple(
            name
            for name, owned in sorted(self._owned.items())
            if name not in needed
            and owned.original is None
            and (installed := self._present.get(name)) is not None
            and (owned.asked or installed.automatic)
        )

    def _is_missing(self, one: Wanted) -> bool:
        installed, owned = self._present.get(one.name), self._owned.get(one.name)
        if installed is None:
            return True
        if one.automatic:
            return installed.version != one.version and installed.version == self._left_at(one.name)
        if installed.version == one.version:
            if owned is not None and owned.asked:
                self.plan.adopted[one.name] = msgspec.structs.replace(
                    owned, version=one.version, architecture=one.architecture, sha256=one.sha256, file=one.file
                )
            return False
        if owned is None:
            self.plan.notices.append(
                f"{one.name} {installed.version} was on this machine before and stays; "
                f"the configuration was made for {one.version}"
            )
        return owned is not None

    def _left_at(self, name: str) -> str | None:
        """The version at which nobody but us can have put a dependency, or that it had before us."""
        owned = self._owned.get(name)
        if owned is not None:
            return owned.version
        recalled = self._recalled.get(name)
        return recalled.original.version if recalled is not None and recalled.original is not None else None

    def plan_removal(self, asked: set[str]) -> None:
        """What is ours and no longer needed: new packages go, others get their version from before back."""
        not_candidates = asked | self._along | self._displaced
        candidates = [name for name in sorted(self._owned) if name not in not_candidates]
        if not (self._was_active or self._displaced or any(self._owned[name].asked for name in candidates)):
            return
        gone: list[str] = []
        back: list[str] = []
        for name in candidates:
            owned, installed = self._owned[name], self._present.get(name)
            if owned.original is not None:
                (back if installed is not None and installed.version == owned.version else gone).append(name)
            elif installed is not None and not owned.asked and not installed.automatic:
                self.plan.notices.append(f"{name} stays: somebody has asked for it meanwhile")
                self.plan.adopted[name] = None
            elif installed is not None:
                gone.append(name)
        for name in [name for name in gone if self._owned[name].original is not None]:
            gone.remove(name)
            self.plan.adopted[name] = None  # moved on by somebody else
        moved = self._removable(gone)
        if moved:
            self.plan.remove = RemovePackages(moved, self._files(moved), self._managed)
        self._plan_restoration(back)

    def plan_marks(self, asked: set[str]) -> None:
        """What was there as a dependency is kept for its own sake while the configuration asks for it."""
        install = self.plan.install
        marked = () if install is None else (*install.promoted, *(one.name for one in install.wanted))
        automatic = {name for name, package in self._present.items() if package.automatic}
        kept = automatic & asked - set(marked)
        over = self._kept - asked
        self.plan.kept = (self._kept - over) | (kept - self._owned.keys())
        released = (over & self._present.keys()) - automatic
        if kept or released:
            self.plan.marks = MarkPackages(tuple(sorted(kept)), tuple(sorted(released)))

    def _plan_restoration(self, names: Sequence[str]) -> None:
        wanted, moved = [], []
        for name in names:
            owned = self._owned[name]
            assert owned.original is not None
            before = owned.original
            wanted.append(
                Wanted(name, before.version, before.architecture, file=before.file, automatic=before.automatic)
            )
            moved.append(Moved(PackageAction.DOWNGRADE, name, owned.version, before.version))
        if wanted:
            self.plan.restore = InstallPackages(
                tuple(wanted), tuple(moved), self._files(moved), self._managed, restores=True
            )

    def _removable(self, candidates: Sequence[str]) -> tuple[Moved, ...]:
        """The largest part of ``candidates`` that can go without taking anything else along."""
        if not candidates:
            return ()
        with contextlib.suppress(PackageConflictError):
            return self._simulate_removal(candidates)
        chosen: list[str] = []
        moved: tuple[Moved, ...] = ()
        for name in sorted(candidates, key=lambda name: not self._owned[name].asked):
            try:
                moved = self._simulate_removal([*chosen, name])
                chosen.append(name)
            except PackageConflictError:
                if self._owned[name].asked:
                    why = "the administrator holds it" if self._present[name].held else "something else needs it"
                    self.plan.notices.append(f"{name} is no longer in the configuration and stays: {why}")
        return moved

    def _simulate_removal(self, names: Sequence[str]) -> tuple[Moved, ...]:
        moved = map(Moved.of, self._manager.simulate((), [*names, *sorted(self._displaced)]))
        return tuple(one for one in moved if one.name not in self._displaced)

    def _files(self, moved: Iterable[Moved]) -> tuple[Wanted, ...]:
        found = []
        for one in moved:
            package = self._owned.get(one.name)
            if package is not None and package.version == one.old:
                found.append(
                    Wanted(
                        one.name,
                        package.version,
                        package.architecture,
                        package.sha256,
                        package.file,
                        automatic=not package.asked,
                    )
                )
        return tuple(found)


def find_manager(root: Root) -> PackageManager | None:
    """The package manager of the distribution under this root, or None when there is none that we know."""
    from system_manager.host.package_systems import find_package_system

    system = find_package_system(root)
    return None if system is None else system.new_manager()
