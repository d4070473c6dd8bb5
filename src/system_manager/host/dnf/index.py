"""The packages that dnf would install now."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from system_manager.host.dnf.command import DnfSystem
from system_manager.host.package_command import is_package_name
from system_manager.host.package_index import RememberingIndex, files_in
from system_manager.host.packages import IndexedPackage
from system_manager.host.rpm import repodata

_CONFIGURATION = (
    "/etc/dnf",
    "/etc/dnf/vars",
    "/etc/dnf/libdnf5.conf.d",
    "/etc/dnf/repos.override.d",
    "/etc/yum.repos.d",
)
_QUERY = "%{name}|%{epoch}|%{version}-%{release}|%{arch}\\n"


class DnfIndex(RememberingIndex):
    """The index of one system."""

    def __init__(self, system: DnfSystem, memory: Path | None = None) -> None:
        super().__init__(system.root, memory)
        self._system = system

    def _sources(self) -> Iterator[Path]:
        yield from self._metadata()
        for directory in _CONFIGURATION:
            yield from files_in(self._system.path(directory))

    def _metadata(self) -> list[Path]:
        found = self._system.metadata()
        if not found:
            self._system.run("--quiet", "makecache")
            found = self._system.metadata()
        return found

    def _all_names(self) -> set[str]:
        return repodata.names_in(self._metadata())

    def _ask(self, name: str) -> IndexedPackage | None:
        if not is_package_name(name):
            return None
        options = ("--quiet", "repoquery", "--available", "--latest-limit=1", f"--queryformat={_QUERY}")
        output = self._system.ask(*options, name).output
        candidates = [line.split("|") for line in output.splitlines() if line.startswith(f"{name}|")]
        own = platform.machine()
        for _, epoch, version, architecture in sorted(candidates, key=lambda found: found[3] not in {own, "noarch"}):
            full = version if epoch in {"0", "", "(none)"} else f"{epoch}:{version}"
            package = repodata.find(self._metadata(), name, full, architecture)
            if package is not None:
                return package
        return None
