"""What every package manager's transactions have in common here: quiet, checked, and taken back exactly.

The subclasses know one package manager's commands. The order is the same for all: look what is missing, let the
package manager plan, then run it behind a :class:`~.service_guard.ServiceGuard`, then look whether it did it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from pathlib import Path

from system_manager.base.events import Notice, Observer, Warned
from system_manager.host.leftovers import Interrupted, Leftovers
from system_manager.host.packages import (
    ArchiveEntry,
    EntryKind,
    InstalledPackage,
    PackageAction,
    PackageChange,
    PackageConflictError,
    PackageError,
    RequestedPackage,
)
from system_manager.host.service_guard import ServiceGuard


class PackageTransactions(ABC):
    """The changing half of a :class:`~system_manager.host.packages.PackageManager`.

    :ivar asks_policy: see :class:`~.service_guard.ServiceGuard`.
    :ivar unhold: the command that lets go of a held package, for messages; the name follows.
    :ivar finish: the command that finishes what was interrupted, for messages.
    """

    asks_policy = False
    unhold = ""
    finish = ""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._leftovers = Leftovers(root)

    @abstractmethod
    def installed(self, names: Iterable[str]) -> Mapping[str, InstalledPackage]:
        """Those of ``names`` that are fully installed, by name."""

    @abstractmethod
    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """Note why installed packages are there."""

    @abstractmethod
    def _present(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` of which anything is there that a removal would remove."""

    @abstractmethod
    def _plan_installation(
        self, packages: Sequence[RequestedPackage], leaving: Sequence[str] = ()
    ) -> list[PackageChange]:
        """What the package manager would do if it may remove ``leaving``; no removal is refused here."""

    @abstractmethod
    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        """What the package manager would remove, others that need ``names`` included."""

    @abstractmethod
    def _run_installation(self, packages: Sequence[RequestedPackage], changes: Sequence[PackageChange]) -> None:
        """Install, which was planned as ``changes``, removals among them. Marks need not be set."""

    @abstractmethod
    def _run_removal(self, names: Sequence[str]) -> None:
        """Remove, which was planned."""

    @abstractmethod
    def _configuration_of(self, names: Sequence[str]) -> Set[str]:
        """Paths below ``/etc`` that belong to installed packages."""

    @abstractmethod
    def _finish_interrupted(self, interrupted: Interrupted, observer: Observer) -> None:
        """Bring the package database into order after a run of ours was killed."""

    def simulate(
        self, install: Sequence[RequestedPackage], remove: Sequence[str] = (), *, leaving: Collection[str] = ()
    ) -> tuple[PackageChange, ...]:
        """See :meth:`.packages.PackageManager.simulate`."""
        self._refuse_unfinished({*(package.name for package in install), *remove})
        return self._simulate(install, remove, leaving)

    def _simulate(
        self, install: Sequence[RequestedPackage], remove: Sequence[str], leaving: Collection[str]
    ) -> tuple[PackageChange, ...]:
        changes: list[PackageChange] = []
        if install:
            # Before it is asked to, since not every package manager says which package is held.
            self._refuse_held([package.name for package in self._missing(install)])
            changes += self._plan_beside(install, leaving)
            removed = [name for name in names_of_removed(changes) if name not in leaving]
            if removed:
                raise PackageConflictError(
                    f"installing {_names(install)} would remove {', '.join(removed)}",
                    hint="remove those packages by hand first, if that is meant",
                )
            self._refuse_held([change.name for change in changes if change.old_version is not None])
        present = self._present(remove)
        if present:
            changes += self._refuse_others(self._plan_removal(present), present)
        return tuple(changes)

    def _plan_beside(self, packages: Sequence[RequestedPackage], leaving: Collection[str]) -> list[PackageChange]:
        """With what leaves only out of the way when it is in the way."""
        try:
            return self._plan_installation(packages)
        except PackageError as error:
            if not leaving:
                raise
            try:
                return self._plan_installation(packages, sorted(leaving))
            except PackageError:
                raise error from None

    def install(
        self,
        packages: Sequence[RequestedPackage],
        *,
        managed_units: frozenset[str],
        observer: Observer,
        leaving: Collection[str] = (),
    ) -> tuple[PackageChange, ...]:
        """See :meth:`.packages.PackageManager.install`."""
        missing = self._missing(packages)
        if not missing:
            return ()
        self._refuse_unfinished({package.name for package in missing})
        return self._install(missing, managed_units, observer, leaving)

    def _install(
        self,
        missing: Sequence[RequestedPackage],
        managed_units: frozenset[str],
        observer: Observer,
        leaving: Collection[str],
    ) -> tuple[PackageChange, ...]:
        changes = self._simulate(missing, (), leaving)
        removed = names_of_removed(changes)
        configuration = self._configuration_of(removed) if removed else frozenset()
        for change in changes:
            observer.notify(Notice(_describe(change)))
        before = self.installed(change.name.partition(":")[0] for change in changes)
        files = {package.name: package.file for package in missing if package.file is not None}
        with self._leftovers.recording(changes, files, self._configuration_of), self._guard(managed_units).closed():
            self._run_installation(missing, changes)
        still = self._missing(missing)
        if still:
            raise PackageError(
                f"the package manager succeeded, but {_names(still)} is not installed in the version asked for"
            )
        if removed:
            self._leftovers.clear(removed, configuration)
        self._mark_all(missing, changes, before)
        return changes

    def _mark_all(
        self,
        packages: Sequence[RequestedPackage],
        changes: Sequence[PackageChange],
        before: Mapping[str, InstalledPackage],
    ) -> None:
        """Whom nobody asked for stays a dependency, or becomes one: named as a file it counts as asked for."""
        asked = {package.name for package in packages if not package.automatic}
        names = {change.name.partition(":")[0] for change in changes} | asked
        automatic: list[str] = []
        manual: list[str] = []
        for name, package in sorted(self.installed(names).items()):
            wanted = name not in asked and (name not in before or before[name].automatic)
            if wanted != package.automatic:
                (automatic if wanted else manual).append(name)
        self.mark(automatic, automatic=True)
        self.mark(manual, automatic=False)

    def remove(
        self, names: Sequence[str], *, managed_units: frozenset[str], observer: Observer
    ) -> tuple[PackageChange, ...]:
        """See :meth:`.packages.PackageManager.remove`; data stays."""
        present = self._present(names)
        if not present:
            return ()
        changes = self._refuse_others(self._plan_removal(present), present)
        for change in changes:
            observer.notify(Notice(_describe(change)))
        configuration = self._configuration_of(present)
        try:
            with self._guard(managed_units).closed():
                self._run_removal(present)
        except PackageError as error:
            if self._present(present):
                raise
            # They are gone; what failed is about others, which putting these back would not mend.
            observer.notify(Warned(error.what))
        self._leftovers.clear(present, configuration)
        return tuple(changes)

    def revert(
        self,
        changes: Sequence[PackageChange],
        files: Sequence[RequestedPackage],
        *,
        managed_units: frozenset[str],
        observer: Observer,
    ) -> None:
        """Old versions back first, then what was new away, so that dependencies hold at every step."""
        self.recover(observer)
        at_hand = {(file.name, file.version): file for file in files}
        back = [
            at_hand.get((change.name, change.old_version))
            or RequestedPackage(change.name, change.old_version, change.architecture, "")
            for change in changes
            if change.old_version is not None
        ]
        missing = self._missing(back)
        new = [change.name for change in changes if change.old_version is None]
        try:
            if missing:
                self._install(missing, managed_units, observer, new)
        except PackageError as error:
            if self._missing(missing):
                raise
            observer.notify(Warned(error.what))
        self.remove(new, managed_units=managed_units, observer=observer)

    def recover(self, observer: Observer) -> None:
        """Take an abandoned guard down, and bring the package database into order."""
        self._guard(frozenset()).recover()
        interrupted = self._leftovers.interrupted()
        if interrupted is not None or self._is_in_disorder():
            self._finish_interrupted(interrupted or Interrupted(frozenset(), {}, 0.0), observer)
        self._leftovers.recover()

    def _is_in_disorder(self) -> bool:
        """Whether a killed run left something, even one that was not ours."""
        return False

    def _was_unpacked(self, file: Path, since: float) -> bool:
        """Whether a killed run put anything of this package file onto the machine."""
        for entry in self.entries(file) if file.exists() else ():
            try:
                status = (self._root / entry.path.lstrip("/")).lstat()
            except OSError:
                continue
            if entry.kind is not EntryKind.DIRECTORY and status.st_ctime >= since:
                return True
        return False

    @abstractmethod
    def entries(self, file: Path) -> Sequence[ArchiveEntry]:
        """The paths in a package file."""

    def _guard(self, managed_units: frozenset[str]) -> ServiceGuard:
        return ServiceGuard(self._root, managed_units, self.asks_policy)

    def _missing(self, packages: Sequence[RequestedPackage]) -> list[RequestedPackage]:
        present = self.installed(package.name for package in packages)
        return [
            package
            for package in packages
            if package.name not in present or present[package.name].version != package.version
        ]

    def _unfinished(self) -> Mapping[str, str]:
        """Packages that are neither installed nor not, and what they are instead. None where that cannot be."""
        return {}

    def _refuse_unfinished(self, names: Set[str]) -> None:
        """What somebody left half done fails each run of the package manager, whatever that is asked for."""
        others = [f"{name} ({status})" for name, status in self._unfinished().items() if name not in names]
        if others:
            raise PackageError(
                f"the package manager has work that somebody left unfinished: {', '.join(others)}",
                hint=f"run `{self.finish}`, and repair or remove what that cannot finish",
            )

    def _refuse_held(self, names: Sequence[str]) -> None:
        held = [name for name, package in self.installed(names).items() if package.held]
        if held:
            raise PackageConflictError(
                f"the administrator holds {', '.join(held)} at another version than the configuration wants",
                hint=f"run `{self.unhold} {' '.join(held)}`, or refresh the package lists and evaluate again",
            )

    def _refuse_others(self, changes: Sequence[PackageChange], names: Sequence[str]) -> list[PackageChange]:
        others = [change.name for change in changes if change.name.partition(":")[0] not in names]
        if others:
            raise PackageConflictError(
                f"{', '.join(others)} would have to be removed together with {', '.join(names)}",
                hint="keep the package in the configuration, or remove what depends on it by hand",
            )
        return list(changes)


def names_of_removed(changes: Iterable[PackageChange]) -> list[str]:
    """The packages that go."""
    return [change.name.partition(":")[0] for change in changes if change.action is PackageAction.REMOVE]


def _names(packages: Sequence[RequestedPackage]) -> str:
    return ", ".join(f"{package.name} {package.version}" for package in packages)


def _describe(change: PackageChange) -> str:
    match change.action:
        case PackageAction.INSTALL:
            return f"install {change.name} {change.new_version}"
        case PackageAction.REMOVE:
            return f"remove {change.name} {change.old_version}"
        case _:
            return f"{change.action.value} {change.name} {change.old_version} to {change.new_version}"
