"""Conflicts between packages, which pacman looks for only when it is about to install."""

from __future__ import annotations

from collections.abc import Mapping

from system_manager.host.package_command import run_manager
from system_manager.host.pacman.command import PacmanSystem
from system_manager.host.pacman.database import Described, offered, split_dependency


def find_conflicts(
    system: PacmanSystem, planned: Mapping[str, str], files: Mapping[str, Described], local: Mapping[str, Described]
) -> list[str]:
    """One sentence for each pair of packages that would be in conflict once ``planned`` (name to version) is done."""
    new = _describe(system, planned, files)
    after = {**local, **new}
    found = []
    for one in new.values():
        for other in after.values():
            if other.name == one.name:
                continue
            if _matches(one.conflicts, other) or _matches(other.conflicts, one):
                found.append(f"{one.name} {one.version} and {other.name} {other.version} are in conflict")
    return sorted(set(found))


def _describe(system: PacmanSystem, planned: Mapping[str, str], files: Mapping[str, Described]) -> dict[str, Described]:
    found = {name: described for name, described in files.items() if name in planned}
    if planned.keys() - found.keys():
        for file in sorted(system.database.glob("sync/*.db")):
            for described in offered(file):
                if planned.get(described.name) == described.version:
                    found.setdefault(described.name, described)
    return found


def _matches(conflicts: tuple[str, ...], package: Described) -> bool:
    for text in conflicts:
        name, relation, version = split_dependency(text)
        if name == package.name and _satisfies(package.version, relation, version):
            return True
        for provided in package.provides:
            given, _, given_version = split_dependency(provided)
            if given == name and (not relation or (given_version and _satisfies(given_version, relation, version))):
                return True
    return False


def _satisfies(version: str, relation: str, wanted: str) -> bool:
    if not relation:
        return True
    order = int(run_manager(["vercmp", version, wanted]).output)
    return {"<": order < 0, "<=": order <= 0, "=": order == 0, ">=": order >= 0, ">": order > 0}[relation]
