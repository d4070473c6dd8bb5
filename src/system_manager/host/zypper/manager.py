"""Installing and removing with zypper(8)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

from system_manager.base.files import Mode, write_atomically
from system_manager.host.package_command import is_package_name, is_version
from system_manager.host.packages import (
    PackageAction,
    PackageChange,
    PackageNotFoundError,
    RequestedPackage,
)
from system_manager.host.rpm.transactions import RpmTransactions
from system_manager.host.zypper.command import ZypperSystem

_NEW = ("--no-recommends", "--oldpackage", "--allow-unsigned-rpm", "--auto-agree-with-licenses")
_AUTOMATIC = "/var/lib/zypp/AutoInstalled"
_LOCKS = "/etc/zypp/locks"
_PARTS = MappingProxyType(
    {
        "to-install": PackageAction.INSTALL,
        "to-upgrade": PackageAction.UPGRADE,
        "to-upgrade-change-arch": PackageAction.UPGRADE,
        "to-downgrade": PackageAction.DOWNGRADE,
        "to-downgrade-change-arch": PackageAction.DOWNGRADE,
        "to-remove": PackageAction.REMOVE,
    }
)


class ZypperManager(RpmTransactions):
    """The :class:`~system_manager.host.packages.PackageManager` of openSUSE and its relatives."""

    unhold = "zypper removelock"

    def __init__(self, system: ZypperSystem) -> None:
        super().__init__(system.root)
        self._system = system

    def _automatic(self, names: Sequence[str]) -> set[str]:
        return self._automatic_names() & set(names)

    def _automatic_names(self) -> set[str]:
        try:
            lines = self._system.path(_AUTOMATIC).read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return set()
        return {line.strip() for line in lines if line.strip() and not line.startswith("#")}

    def _held(self) -> frozenset[str]:
        try:
            text = self._system.path(_LOCKS).read_text("utf-8", "replace")
        except OSError:
            return frozenset()
        patterns = re.findall(r"^solvable_name: *(\S+)$", text, re.MULTILINE)
        return _Patterns(patterns)

    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """Write the list that ``zypper packages --autoinstalled`` shows: no command changes a mark alone."""
        known = self._automatic_names()
        wanted = known | set(names) if automatic else known - set(names)
        if wanted == known:
            return
        path = self._system.path(_AUTOMATIC)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, "".join(f"{name}\n" for name in sorted(wanted)).encode(), mode=Mode(0o644))

    def fetch(self, name: str, version: str, architecture: str, directory: Path) -> Path:
        """``zypper download``."""
        before = set(directory.rglob("*.rpm"))
        self._system.run(
            "download",
            _specification(RequestedPackage(name, version, architecture, "")),
            options=("--pkg-cache-dir", str(directory)),
        )
        files = set(directory.rglob("*.rpm")) - before
        if len(files) != 1:  # it is content with nothing
            raise PackageNotFoundError(
                f"no repository has {name} {version}", hint="run `zypper refresh` if the package lists are old"
            )
        file = files.pop()
        return file.rename(directory / file.name)

    def _plan_with(
        self,
        arguments: Sequence[str],
        leaving: Sequence[str],
        *,
        offline: bool,  # noqa: ARG002 -- only dnf has to be told
    ) -> list[PackageChange]:
        return _changes(self._system.ask("install", "--dry-run", *_NEW, *arguments, *_without(leaving)))

    def _install_with(self, arguments: Sequence[str], leaving: Sequence[str], *, offline: bool) -> None:  # noqa: ARG002 -- as above
        self._system.run("install", "--download-in-advance", *_NEW, *arguments, *_without(leaving))

    def _specification_of(self, package: RequestedPackage) -> str:
        return _specification(package)

    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        return _changes(self._system.ask("remove", "--dry-run", "--no-clean-deps", *names))

    def _run_removal(self, names: Sequence[str]) -> None:
        self._system.run("remove", "--no-clean-deps", *names)


class _Patterns(frozenset[str]):
    """Names with wildcards, as a set that has every name that matches one of them."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(fnmatch.fnmatchcase(name, pattern) for pattern in self)


def _without(leaving: Sequence[str]) -> list[str]:
    """``!name`` among what is to be installed is to be removed, see zypper(8)."""
    return [f"!{name}" for name in leaving]


def _specification(package: RequestedPackage) -> str:
    if not is_package_name(package.name) or not is_version(package.version):
        raise PackageNotFoundError(f"'{package.name}' cannot be the name of a package")
    architecture = f".{package.architecture}" if package.architecture else ""
    return f"{package.name}{architecture}={package.version}"


def _changes(answer: ElementTree.Element) -> list[PackageChange]:
    changes = []
    for part, action in _PARTS.items():
        for found in answer.iterfind(f"./install-summary/{part}/solvable[@type='package']"):
            edition, old = found.get("edition", ""), found.get("edition-old")
            name, architecture = found.get("name", ""), found.get("arch", "")
            if action is PackageAction.REMOVE:
                changes.append(PackageChange(action, name, edition, None, architecture))
            else:
                changes.append(PackageChange(action, name, old, edition, architecture))
    return changes
