"""Installing and removing with pacman(8)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from system_manager.base.events import Notice, Observer
from system_manager.host.leftovers import Interrupted
from system_manager.host.package_command import is_package_name, is_version, run_manager
from system_manager.host.package_transactions import PackageTransactions, names_of_removed
from system_manager.host.packages import (
    ArchiveEntry,
    DownloadError,
    InstalledPackage,
    PackageAction,
    PackageChange,
    PackageConflictError,
    PackageNotFoundError,
    RequestedPackage,
)
from system_manager.host.pacman.command import PacmanSystem
from system_manager.host.pacman.conflicts import find_conflicts
from system_manager.host.pacman.database import describe_file, installed, list_archive

_SUFFIX = ".pkg.tar"
_REMOVE_IN_CONFLICT = "--ask=4"  # answers "yes" to that question alone, see ALPM_QUESTION_CONFLICT_PKG
_MARK = "package: "  # tells the lines that were asked for from others


class PacmanManager(PackageTransactions):
    """The :class:`~system_manager.host.packages.PackageManager` of Arch Linux and its relatives."""

    unhold = "remove from IgnorePkg in /etc/pacman.conf:"

    def __init__(self, system: PacmanSystem) -> None:
        super().__init__(system.root)
        self._system = system

    def installed(self, names: Iterable[str]) -> Mapping[str, InstalledPackage]:
        """Read the local database."""
        wanted = set(names)
        if not wanted:
            return {}
        held = set(self._system.configured("IgnorePkg"))
        return {
            name: InstalledPackage(name, one.version, one.architecture, automatic=one.automatic, held=name in held)
            for name, one in installed(self._system.database).items()
            if name in wanted
        }

    def fetch(self, name: str, version: str, architecture: str, directory: Path) -> Path:
        """From pacman's cache, else ``pacman --sync --downloadonly``, which needs root and checks signatures."""
        _check(name, version)
        suffixes = f"{name}-{version}-{architecture or '*'}{_SUFFIX}.*"
        found = self._cached(suffixes)
        if found is None:
            self._system.wait_for_lock()
            self._system.run("--sync", "--downloadonly", "--nodeps", "--nodeps", f"{name}={version}")
            found = self._cached(suffixes) or self._in_local_repository(name)
        if found is None:
            raise DownloadError(f"pacman fetched no file for {name} {version}")
        return Path(shutil.copyfile(found, directory / found.name))

    def _cached(self, pattern: str) -> Path | None:
        return next((file for file in self._system.cache.glob(pattern) if file.suffix != ".sig"), None)

    def _in_local_repository(self, name: str) -> Path | None:
        """Of a repository on this machine nothing is copied into the cache."""
        location = self._system.run("--sync", "--print", "--nodeps", "--nodeps", name).output.strip()
        return Path(location.removeprefix("file://")) if location.startswith("file://") else None

    def entries(self, file: Path) -> tuple[ArchiveEntry, ...]:
        """Read the archive."""
        return list_archive(file)

    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """``pacman --database``."""
        if names:
            self._system.wait_for_lock()
            self._system.run("--database", "--asdeps" if automatic else "--asexplicit", *names)

    def _present(self, names: Iterable[str]) -> list[str]:
        wanted = set(names)
        return sorted(wanted & installed(self._system.database).keys()) if wanted else []

    def _plan_installation(
        self, packages: Sequence[RequestedPackage], leaving: Sequence[str] = ()
    ) -> list[PackageChange]:
        found: dict[str, str] = {}
        for verb, arguments in self._arguments(packages):
            for line in self._print(verb, arguments):
                name, _, version = line.partition(" ")
                found[name] = version
        local = installed(self._system.database)
        new = {package.name: describe_file(file) for package in packages if (file := _file(package)) is not None}
        staying = {name: one for name, one in local.items() if name not in leaving}
        conflicts = find_conflicts(self._system, found, new, staying)
        if conflicts:
            raise PackageConflictError("\n  ".join(["the packages do not fit together:", *conflicts]))
        # Of those that may leave, pacman removes what is in conflict; all of them are not needed, so all may go.
        changes = [
            PackageChange(PackageAction.REMOVE, name, local[name].version, None)
            for name in leaving
            if name in local and name not in found and find_conflicts(self._system, found, new, {name: local[name]})
        ]
        for name, version in found.items():
            old = local.get(name)
            if old is None:
                changes.append(PackageChange(PackageAction.INSTALL, name, None, version))
            elif old.version != version:
                changes.append(PackageChange(_direction(old.version, version), name, old.version, version))
        return changes

    def _print(self, verb: str, arguments: Sequence[str]) -> list[str]:
        output = self._system.run(verb, "--print", "--print-format", f"{_MARK}%n %v", *arguments).output
        return [line.removeprefix(_MARK) for line in output.splitlines() if line.startswith(_MARK)]

    def _arguments(self, packages: Sequence[RequestedPackage]) -> list[tuple[str, list[str]]]:
        """The operations that install these: files go together, and what is not at hand is what a repository has."""
        files, names = [], []
        for package in packages:
            _check(package.name, package.version)
            file = _file(package)
            if file is not None:
                files.append(str(file.absolute()))
            else:
                names.append(f"{package.name}={package.version}")
        return [(verb, found) for verb, found in (("--upgrade", files), ("--sync", names)) if found]

    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        local = installed(self._system.database)
        self._system.run("--remove", "--print", *names)
        return [PackageChange(PackageAction.REMOVE, name, local[name].version, None) for name in names]

    def _run_installation(self, packages: Sequence[RequestedPackage], changes: Sequence[PackageChange]) -> None:
        self._system.wait_for_lock()
        options = [_REMOVE_IN_CONFLICT] if names_of_removed(changes) else []
        for verb, arguments in self._arguments(packages):
            self._system.run(verb, *options, *arguments)

    def _run_removal(self, names: Sequence[str]) -> None:
        self._system.wait_for_lock()
        self._system.run("--remove", *names)

    def _configuration_of(self, names: Sequence[str]) -> set[str]:
        output = self._system.run("--query", "--list", "--quiet", *names).output
        return {path for line in output.splitlines() if (path := f"/{line.strip('/')}").startswith("/etc/")}

    def _finish_interrupted(self, interrupted: Interrupted, observer: Observer) -> None:
        """Unpack what was half unpacked entirely, so that it can be removed or replaced as a package again."""
        self._system.wait_for_lock()
        for directory in self._system.database.glob("local/*/"):
            if not (directory / "desc").exists():
                shutil.rmtree(directory)  # of a package whose installation was killed
        present = installed(self._system.database)
        for name, file in interrupted.files.items():
            if name not in present and self._was_unpacked(file, interrupted.since):
                observer.notify(Notice(f"finishing the interrupted installation of {name}"))
                self._system.run("--upgrade", "--nodeps", "--nodeps", "--noscriptlet", "--overwrite=*", str(file))


def _check(name: str, version: str) -> None:
    if not is_package_name(name) or not is_version(version):
        raise PackageNotFoundError(f"'{name}' cannot be the name of a package")


def _file(package: RequestedPackage) -> Path | None:
    file = package.file
    return file if file is not None and _SUFFIX in file.name and file.exists() else None


def _direction(old: str, new: str) -> PackageAction:
    newer = run_manager(["vercmp", new, old]).output.strip() == "1"
    return PackageAction.UPGRADE if newer else PackageAction.DOWNGRADE
