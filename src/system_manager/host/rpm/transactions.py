"""What the package managers that stand on rpm have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from system_manager.base.events import Notice, Observer
from system_manager.host.leftovers import Interrupted
from system_manager.host.package_command import run_manager
from system_manager.host.package_transactions import PackageTransactions, names_of_removed
from system_manager.host.packages import (
    ArchiveEntry,
    InstalledPackage,
    PackageChange,
    PackageError,
    RequestedPackage,
)
from system_manager.host.rpm.database import RpmDatabase, list_archive


class RpmTransactions(PackageTransactions):
    """Versions come from the repositories while these offer them, else from the files at hand.

    From a repository the package manager checks signatures as it is configured to; a file at hand was fetched
    from one, and its hash compared.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._database = RpmDatabase(root)

    @abstractmethod
    def _automatic(self, names: Sequence[str]) -> set[str]:
        """Those of these installed packages that came as dependencies."""

    @abstractmethod
    def _plan_with(self, arguments: Sequence[str], leaving: Sequence[str], *, offline: bool) -> list[PackageChange]:
        """Let the package manager plan with these files or specifications; ``offline`` leaves repositories out.

        It may remove ``leaving`` for that.
        """

    @abstractmethod
    def _install_with(self, arguments: Sequence[str], leaving: Sequence[str], *, offline: bool) -> None:
        """Let the package manager do it."""

    @abstractmethod
    def _specification_of(self, package: RequestedPackage) -> str:
        """How this version is called on the command line."""

    def _held(self) -> frozenset[str]:
        """Packages that the administrator keeps at their versions."""
        return frozenset()

    def installed(self, names: Iterable[str]) -> Mapping[str, InstalledPackage]:
        """Ask rpm; of a name that is there several times, the version that was installed last."""
        found = {package.name: package for package in self._database.query(names)}
        if not found:
            return {}
        automatic, held = self._automatic(sorted(found)), self._held()
        return {
            name: InstalledPackage(
                name, package.version, package.architecture, automatic=name in automatic, held=name in held
            )
            for name, package in found.items()
        }

    def entries(self, file: Path) -> tuple[ArchiveEntry, ...]:
        """What rpm lists."""
        return list_archive(file)

    def _present(self, names: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(package.name for package in self._database.query(names)))

    def _configuration_of(self, names: Sequence[str]) -> set[str]:
        return self._database.configuration_of(names)

    def _ways(self, packages: Sequence[RequestedPackage]) -> list[tuple[list[str], bool]]:
        """Arguments that mean these packages, best first, and whether they need no repository."""
        specifications = [self._specification_of(package) for package in packages]
        files = [self._file(package) for package in packages]
        ways = [(specifications, False)]
        if all(files):
            ways.append(([file for file in files if file], True))
        if any(files):
            ways.append(([file or spec for file, spec in zip(files, specifications, strict=True)], False))
        return ways

    @staticmethod
    def _file(package: RequestedPackage) -> str | None:
        if package.file is None or package.file.suffix != ".rpm" or not package.file.exists():
            return None
        return str(package.file.absolute())

    def _plan_installation(
        self, packages: Sequence[RequestedPackage], leaving: Sequence[str] = ()
    ) -> list[PackageChange]:
        first: PackageError | None = None
        for arguments, offline in self._ways(packages):
            try:
                return self._plan_with(arguments, leaving, offline=offline)
            except PackageError as error:  # a repository may be gone in many ways
                first = first or error
        assert first is not None
        raise first

    def _run_installation(self, packages: Sequence[RequestedPackage], changes: Sequence[PackageChange]) -> None:
        first: PackageError | None = None
        removed = names_of_removed(changes)
        for arguments, offline in self._ways(packages):
            try:
                self._install_with(arguments, removed, offline=offline)
            except PackageError as error:  # a repository may be gone in many ways
                first = first or error
            else:
                return
        assert first is not None
        raise first

    def _finish_interrupted(self, interrupted: Interrupted, observer: Observer) -> None:
        """Finish what rpm had begun with each package, so that it can be removed or replaced as a whole again.

        A killed upgrade leaves a package in two versions; the older is forgotten. A killed installation leaves files
        that no package owns; they get their package.
        """
        for name in self._database.duplicates(interrupted.files):
            observer.notify(Notice(f"finishing the interrupted upgrade of {name}"))
            newest = self._database.query([name])[-1]
            for package in self._database.query([name])[:-1]:
                if package.version != newest.version:
                    erased = f"{name}-{package.version}.{package.architecture}"
                    self._rpm("--erase", "--justdb", "--nodeps", "--noscripts", "--", erased)
        present = {package.name for package in self._database.query(interrupted.files)}
        for name, file in interrupted.files.items():
            if name not in present and self._was_unpacked(file, interrupted.since):
                observer.notify(Notice(f"finishing the interrupted installation of {name}"))
                self._rpm("--install", "--nodeps", "--noscripts", "--notriggers", "--nosignature", "--", str(file))
            self._remove_unfinished(file)

    def _remove_unfinished(self, file: Path) -> None:
        """What rpm writes has another name until it is complete: ``path;0123abcd``."""
        paths = {entry.path for entry in self.entries(file)} if file.exists() else set()
        for directory in {path.rpartition("/")[0] for path in paths}:
            for found in (self._root / directory.lstrip("/")).glob("*;????????"):
                if f"{directory}/{found.name[:-9]}" in paths:
                    found.unlink()

    def _rpm(self, *arguments: str) -> None:
        root = [] if self._root == Path("/") else ["--root", str(self._root)]
        run_manager(["rpm", *root, *arguments])
