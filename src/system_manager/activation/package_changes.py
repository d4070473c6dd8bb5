"""Installing and removing distribution packages, and undoing it with the package files kept in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.state import OriginalPackage, OwnedPackage
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Notice
from system_manager.host.packages import (
    PackageAction,
    PackageChange,
    PackageError,
    PackageManager,
    RequestedPackage,
)
from system_manager.host.root import Root


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A package in one version. ``file`` is the logical path of its package file.

    ``automatic``: it comes along with others.
    """

    name: str
    version: str
    architecture: str = ""
    sha256: str = ""
    file: str | None = None
    automatic: bool = False

    def request(self, root: Root) -> RequestedPackage:
        """As the package manager takes it."""
        from pathlib import Path

        file = Path(root.real(self.file)) if self.file is not None else None
        return RequestedPackage(self.name, self.version, self.architecture, self.sha256, file, self.automatic)


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happens to one package; None is "not installed"."""

    action: PackageAction
    name: str
    old: str | None
    new: str | None
    architecture: str = ""

    @classmethod
    def of(cls, change: PackageChange) -> Moved:
        """From the package manager's own record."""
        return cls(
            change.action, change.name.partition(":")[0], change.old_version, change.new_version, change.architecture
        )

    def back(self) -> PackageChange:
        """As the package manager takes it."""
        return PackageChange(self.action, self.name, self.old, self.new)

    def step(self, *, reason: str = "") -> Step:
        """The line of a plan."""
        match self.action:
            case PackageAction.INSTALL:
                return Step(Action.INSTALL, Subject.PACKAGE, self.name, self.new or "", reason)
            case PackageAction.REMOVE:
                return Step(Action.REMOVE, Subject.PACKAGE, self.name, self.old or "")
            case _:
                return Step(Action.REPLACE, Subject.PACKAGE, self.name, f"{self.old} to {self.new}", self.action.value)


def _manager(machine: Machine) -> PackageManager:
    if machine.packages is None:
        raise SystemManagerError(
            "this distribution's package manager is not supported",
            hint="install the packages by hand and take them out of the configuration",
        )
    return machine.packages


def _revert(machine: Machine, moved: Iterable[Moved], files: Iterable[Wanted], managed: tuple[str, ...]) -> None:
    _manager(machine).revert(
        [one.back() for one in moved],
        [file.request(machine.root) for file in files],
        managed_units=frozenset(managed),
        observer=machine.observer,
    )
    machine.accounts.forget()


class InstallPackages(msgspec.Struct, frozen=True, tag="install-packages", omit_defaults=True):
    """Install packages, without any service being started.

    :ivar moved: everything that will happen, dependencies included, as the package manager simulated it.
    :ivar files: package files of the versions that are replaced, for the way back.
    :ivar promoted: packages that came along with others, and that the configuration asks for now.
    :ivar leaving: packages of ours that nobody needs any more, and that may have to make way.
    :ivar restores: the versions are those from before us; where they cannot come back, the newer ones stay.
    """

    marked: ClassVar[bool] = True

    wanted: tuple[Wanted, ...]
    moved: tuple[Moved, ...]
    files: tuple[Wanted, ...]
    managed_units: tuple[str, ...]
    promoted: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    restores: bool = False

    def describe(self) -> list[Step]:
        """One line for each package; of a dependency, that it is one."""
        asked = {wanted.name for wanted in self.wanted if not wanted.automatic}
        steps = []
        for moved in self.moved:
            along = moved.name not in asked and moved.action is PackageAction.INSTALL
            steps.append(moved.step(reason="a dependency" if along else ""))
        steps += [Step(Action.KEEP, Subject.PACKAGE, name, "", "it was a dependency only") for name in self.promoted]
        return steps

    def apply(self, machine: Machine) -> None:
        """Have the package manager do it, and note what is ours now."""
        manager = _manager(machine)
        requests = [wanted.request(machine.root) for wanted in self.wanted]
        if self.restores and not self._can_be_restored(machine, manager, requests):
            return
        managed = frozenset(self.managed_units)
        done = manager.install(requests, managed_units=managed, observer=machine.observer, leaving=self.leaving)
        manager.mark(self.promoted, automatic=False)
        self.note(machine.record.packages, map(Moved.of, done))
        machine.accounts.forget()

    def _can_be_restored(self, machine: Machine, manager: PackageManager, requests: Sequence[RequestedPackage]) -> bool:
        try:
            manager.simulate(requests)
        except PackageError as error:  # something needs the newer version, or nobody has the old one
            names = ", ".join(wanted.name for wanted in self.wanted)
            machine.observer.notify(Notice(f"{names}: the version of before cannot come back: {error.what}"))
            for wanted in self.wanted:
                machine.record.packages.pop(wanted.name, None)
            return False
        return True

    def note(self, owned: dict[str, OwnedPackage], done: Iterable[Moved]) -> None:
        """Note in ``owned`` what is ours after ``done``."""
        wanted = {one.name: one for one in self.wanted}
        for moved in done:
            self._note(owned, moved, wanted.get(moved.name))
        for name in self.promoted:
            owned[name] = msgspec.structs.replace(owned[name], asked=True)

    def _note(self, owned: dict[str, OwnedPackage], moved: Moved, wanted: Wanted | None) -> None:
        if moved.new is None:
            owned.pop(moved.name, None)
            return
        one = wanted or Wanted(moved.name, moved.new, moved.architecture, automatic=True)
        known = owned.get(moved.name)
        original = known.original if known is not None else None
        if known is None and moved.old is not None:
            file = next((file for file in self.files if (file.name, file.version) == (moved.name, moved.old)), None)
            original = OriginalPackage(moved.old, *_kept(file)) if file is not None else OriginalPackage(moved.old)
        if original is not None and original.version == moved.new:
            owned.pop(moved.name, None)  # as it was before us
            return
        asked = not one.automatic or (known is not None and known.asked)
        owned[moved.name] = OwnedPackage(moved.new, one.architecture, one.sha256, one.file, asked, original)

    def package_files(self) -> list[str]:
        """The package files that this and its way back need (logical paths)."""
        return [one.file for one in (*self.wanted, *self.files) if one.file is not None]

    def revert(self, machine: Machine) -> None:
        """Old versions back, new packages away."""
        _revert(machine, self.moved, self.files, self.managed_units)
        if self.promoted:
            _manager(machine).mark(self.promoted, automatic=True)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


def _kept(file: Wanted) -> tuple[str, str | None, bool]:
    return file.architecture, file.file, file.automatic


class RemovePackages(msgspec.Struct, frozen=True, tag="remove-packages", omit_defaults=True):
    """Remove packages that we installed and that nobody needs any more."""

    marked: ClassVar[bool] = True

    moved: tuple[Moved, ...]
    files: tuple[Wanted, ...]
    managed_units: tuple[str, ...]

    def describe(self) -> list[Step]:
        """One line for each package."""
        return [moved.step() for moved in self.moved]

    def apply(self, machine: Machine) -> None:
        """Have the package manager do it."""
        names = [moved.name for moved in self.moved]
        _manager(machine).remove(names, managed_units=frozenset(self.managed_units), observer=machine.observer)
        for name in names:
            machine.record.packages.pop(name, None)

    def package_files(self) -> list[str]:
        """The package files that the way back needs (logical paths)."""
        return [one.file for one in self.files if one.file is not None]

    def revert(self, machine: Machine) -> None:
        """Put them back, from the store where their files are there."""
        _revert(machine, self.moved, self.files, self.managed_units)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


class MarkPackages(msgspec.Struct, frozen=True, tag="mark-packages", omit_defaults=True):
    """Say of packages that are there whether they are only because others need them.

    :ivar kept: those that were, and that the configuration asks for now: nobody removes them as no longer needed.
    :ivar released: those that are again.
    """

    marked: ClassVar[bool] = True

    kept: tuple[str, ...] = ()
    released: tuple[str, ...] = ()

    def describe(self) -> list[Step]:
        """One line for each package."""
        steps = [Step(Action.KEEP, Subject.PACKAGE, name, "", "it was a dependency only") for name in self.kept]
        return steps + [
            Step(Action.KEEP, Subject.PACKAGE, n, "", "a dependency only, as before") for n in self.released
        ]

    def apply(self, machine: Machine) -> None:
        """Have the package manager note it."""
        self._mark(machine, kept_are_automatic=False)

    def _mark(self, machine: Machine, *, kept_are_automatic: bool) -> None:
        manager = _manager(machine)
        there = manager.installed((*self.kept, *self.released))
        manager.mark([name for name in self.kept if name in there], automatic=kept_are_automatic)
        manager.mark([name for name in self.released if name in there], automatic=not kept_are_automatic)

    def revert(self, machine: Machine) -> None:
        """The other way round."""
        self._mark(machine, kept_are_automatic=True)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""
