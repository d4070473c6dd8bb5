"""Installing and removing with dnf(8), in its fourth or fifth major version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from system_manager.host.dnf.command import DnfSystem
from system_manager.host.dnf.table import parse_table
from system_manager.host.package_command import is_package_name, is_version
from system_manager.host.packages import (
    DownloadError,
    PackageAction,
    PackageChange,
    PackageNotFoundError,
    RequestedPackage,
)
from system_manager.host.rpm.transactions import RpmTransactions

_NEW = ("--setopt=install_weak_deps=False", "--setopt=best=True")
_ALONE = ("--setopt=clean_requirements_on_remove=False",)


class DnfManager(RpmTransactions):
    """The :class:`~system_manager.host.packages.PackageManager` of Fedora and its relatives."""

    unhold = "dnf versionlock delete"

    def __init__(self, system: DnfSystem) -> None:
        super().__init__(system.root)
        self._system = system

    def _automatic(self, names: Sequence[str]) -> set[str]:
        if not names:
            return set()
        query = ("--quiet", "repoquery", "--userinstalled", "--queryformat=%{name}\\n")
        asked = set(self._system.ask(*query, *names).output.split())
        return set(names) - asked

    def fetch(self, name: str, version: str, architecture: str, directory: Path) -> Path:
        """``dnf download``. Root is not needed."""
        before = set(directory.glob("*.rpm"))
        spec = _specification(RequestedPackage(name, version, architecture, ""))
        self._system.run("--quiet", "download", f"--destdir={directory}", spec)
        files = set(directory.glob("*.rpm")) - before
        if len(files) != 1:
            raise DownloadError(f"dnf fetched {len(files)} files for {name} {version} instead of one")
        return files.pop()

    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """``dnf mark``."""
        if not names:
            return
        words = ("dependency", "user") if self._system.is_fifth() else ("remove", "install")
        self._system.run("--assumeyes", "--quiet", "--cacheonly", "mark", words[0] if automatic else words[1], *names)

    def _simulated(self, *arguments: str) -> list[PackageChange]:
        # 1 is the status of a transaction that nobody agreed to, and of those that fail.
        result = self._system.ask("--assumeno", *arguments, success=(0, 1))
        rows = parse_table(result.output)
        if not rows and result.status != 0:
            self._system.ask("--assumeno", *arguments)  # raises what it says
        old = {package.name: package.version for package in self._database.query(row.name for row in rows)}
        changes = []
        for row in rows:
            new = None if row.action is PackageAction.REMOVE else _without_epoch_zero(row.version)
            before = None if row.action is PackageAction.INSTALL else old.get(row.name)
            changes.append(PackageChange(row.action, row.name, before, new, row.architecture))
        return changes

    def _plan_with(self, arguments: Sequence[str], leaving: Sequence[str], *, offline: bool) -> list[PackageChange]:
        return self._simulated(*_NEW, *_repositories(offline), "install", *_erasing(leaving), *arguments)

    def _install_with(self, arguments: Sequence[str], leaving: Sequence[str], *, offline: bool) -> None:
        options = (*_NEW, *_repositories(offline))
        self._system.run("--assumeyes", *options, "install", *_erasing(leaving), *arguments)

    def _specification_of(self, package: RequestedPackage) -> str:
        return _specification(package)

    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        return self._simulated(*_ALONE, "--disablerepo=*", "remove", *names)

    def _run_removal(self, names: Sequence[str]) -> None:
        self._system.run("--assumeyes", *_ALONE, "--disablerepo=*", "remove", *names)


def _repositories(offline: bool) -> list[str]:
    return ["--disablerepo=*"] if offline else []


def _erasing(leaving: Sequence[str]) -> list[str]:
    """What it removes then is compared with what may be removed."""
    return ["--allowerasing"] if leaving else []


def _specification(package: RequestedPackage) -> str:
    """``name-[epoch:]version-release[.arch]``."""
    if not is_package_name(package.name) or not is_version(package.version):
        raise PackageNotFoundError(f"'{package.name}' cannot be the name of a package")
    return f"{package.name}-{package.version}" + (f".{package.architecture}" if package.architecture else "")


def _without_epoch_zero(version: str) -> str:
    return version.removeprefix("0:")
