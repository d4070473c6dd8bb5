"""The packages that zypper would install now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from system_manager.host.package_command import is_package_name
from system_manager.host.package_index import RememberingIndex, files_in
from system_manager.host.packages import IndexedPackage, PackageNotFoundError
from system_manager.host.rpm import repodata
from system_manager.host.zypper.command import ZypperSystem

_CONFIGURATION = ("/etc/zypp", "/etc/zypp/repos.d", "/etc/zypp/vars.d")
_INSTALLED = "(System Packages)"


class ZypperIndex(RememberingIndex):
    """The index of one system."""

    def __init__(self, system: ZypperSystem, memory: Path | None = None) -> None:
        super().__init__(system.root, memory)
        self._system = system

    def _sources(self) -> Iterator[Path]:
        yield from self._system.metadata()
        for directory in _CONFIGURATION:
            yield from files_in(self._system.path(directory))

    def _all_names(self) -> set[str]:
        return repodata.names_in(self._system.metadata())

    def _ask(self, name: str) -> IndexedPackage | None:
        if not is_package_name(name):
            return None
        for version, architecture in self._candidates(name):
            package = repodata.find(self._system.metadata(), name, version, architecture)
            if package is not None:
                return package
        return None

    def _candidates(self, name: str) -> list[tuple[str, str]]:
        """Versions that repositories offer: first the one that zypper prefers, then the others, newest first."""
        found = []
        try:
            for line in self._system.run("info", "--type=package", name).output.splitlines():
                key, _, value = line.partition(" : ")
                if key.strip() in {"Version", "Arch"}:
                    found.append(value.strip())
            answer = self._system.ask("search", "--details", "--match-exact", "--type=package", name)
        except PackageNotFoundError:
            return []
        others = [
            (each.get("edition", ""), each.get("arch", ""))
            for each in answer.iter("solvable")
            if each.get("repository") != _INSTALLED
        ]
        return [(found[0], found[1]), *others] if len(found) == 2 else others
