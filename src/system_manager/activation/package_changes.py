"""Installing and removing distribution packages, and undoing it with the package files kept in the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import msgspec

from system_manager.activation.change import Action, Machine, Step, Subject
from system_manager.activation.state import OwnedPackage
from system_manager.base.errors import SystemManagerError
from system_manager.host.packages import PackageAction, PackageChange, PackageManager, RequestedPackage
from system_manager.host.root import Root


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A package in one version. ``file`` is the logical path of its package file."""

    name: str
    version: str
    architecture: str = ""
    sha256: str = ""
    file: str | None = None

    def request(self, root: Root) -> RequestedPackage:
        """As the package manager takes it."""
        file = Path(root.real(self.file)) if self.file is not None else None
        return RequestedPackage(self.name, self.version, self.architecture, self.sha256, file)


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happens to one package; None is "not installed"."""

    action: PackageAction
    name: str
    old: str | None
    new: str | None

    @classmethod
    def of(cls, change: PackageChange) -> Moved:
        """From the package manager's own record."""
        return cls(change.action, change.name.partition(":")[0], change.old_version, change.new_version)

    def back(self) -> PackageChange:
        """As the package manager takes it."""
        return PackageChange(self.action, self.name, self.old, self.new)

    def step(self) -> Step:
        """The line of a plan."""
        match self.action:
            case PackageAction.INSTALL:
                return Step(Action.INSTALL, Subject.PACKAGE, self.name, self.new or "")
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
    """

    marked: ClassVar[bool] = True

    wanted: tuple[Wanted, ...]
    moved: tuple[Moved, ...]
    files: tuple[Wanted, ...]
    managed_units: tuple[str, ...]

    def describe(self) -> list[Step]:
        """One line for each package."""
        return [moved.step() for moved in self.moved]

    def apply(self, machine: Machine) -> None:
        """Have the package manager do it, and note what is ours now."""
        done = _manager(machine).install(
            [wanted.request(machine.root) for wanted in self.wanted],
            managed_units=frozenset(self.managed_units),
            observer=machine.observer,
        )
        asked = {wanted.name: wanted for wanted in self.wanted}
        owned = machine.record.packages
        for one in map(Moved.of, done):
            if one.new is None or (one.action is not PackageAction.INSTALL and one.name not in owned):
                continue
            wanted = asked.get(one.name)
            if wanted is None:
                owned[one.name] = OwnedPackage(one.new, asked=False)
            else:
                owned[one.name] = OwnedPackage(one.new, wanted.architecture, wanted.sha256, wanted.file)
        machine.accounts.forget()

    def revert(self, machine: Machine) -> None:
        """Old versions back, new packages away."""
        _revert(machine, self.moved, self.files, self.managed_units)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""


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

    def revert(self, machine: Machine) -> None:
        """Put them back, from the store where their files are there."""
        _revert(machine, self.moved, self.files, self.managed_units)

    def finish(self, machine: Machine) -> None:
        """Nothing was kept."""
