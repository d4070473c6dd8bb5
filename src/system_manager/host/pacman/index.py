"""The packages that pacman would install now."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from system_manager.host.package_index import RememberingIndex, files_in
from system_manager.host.packages import IndexedPackage
from system_manager.host.pacman.command import PacmanSystem
from system_manager.host.pacman.database import Described, offered


class PacmanIndex(RememberingIndex):
    """The index of one system. Of repositories with the same package, the first in pacman.conf(5) counts."""

    def __init__(self, system: PacmanSystem, memory: Path | None = None) -> None:
        super().__init__(system.root, memory)
        self._system = system

    def _sources(self) -> Iterator[Path]:
        yield from sorted(self._system.database.glob("sync/*.db"))
        configuration = self._system.path("/etc/pacman.conf")
        if configuration.exists():
            yield configuration
        yield from files_in(self._system.path("/etc/pacman.d"))

    def advice(self) -> str | None:
        """A new installation has no databases."""
        if any(self._system.database.glob("sync/*.db")):
            return None
        return "there are no package databases on this machine; fetch them first: pacman -Sy"

    @functools.cached_property
    def _offered(self) -> dict[str, Described]:
        found: dict[str, Described] = {}
        for repository in self._system.configured("--repo-list"):
            file = self._system.database / f"sync/{repository}.db"
            if file.exists():
                for described in offered(file):
                    found.setdefault(described.name, described)
        return found

    def _all_names(self) -> set[str]:
        return set(self._offered)

    def _ask(self, name: str) -> IndexedPackage | None:
        found = self._offered.get(name)
        if found is None or len(found.sha256) != 64:
            return None
        return IndexedPackage(
            found.name,
            found.version,
            found.architecture,
            found.sha256,
            found.size,
            found.file_name,
            found.description,
        )
