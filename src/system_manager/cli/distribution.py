"""The distribution of the machine that is configured: its package manager, and the versions that a lock file says."""

from __future__ import annotations

from pathlib import Path

from system_manager.base.records import replace
from system_manager.cli.places import cache_directory
from system_manager.cli.settings import Settings
from system_manager.evaluation.package_index import Distribution
from system_manager.host.package_systems import PackageSystem


def package_system(settings: Settings) -> PackageSystem | None:
    """The package manager, or None when there is none that we know."""
    from system_manager.host.package_systems import find_package_system
    from system_manager.host.root import Root

    return find_package_system(Root(settings.root), Path(cache_directory(".")))


def describe_distribution(settings: Settings) -> tuple[Distribution, PackageSystem | None]:
    """What the archives offer now, and the package manager that knows it."""
    from system_manager.host.distribution import read_distribution
    from system_manager.host.root import Root

    described = read_distribution(Root(settings.root))
    system = package_system(settings)
    if system is None:
        return Distribution(described.id, described.version_id), None
    return Distribution(described.id, described.version_id, system.index, system.kind.value), system


def distribution_of(file: Path, settings: Settings) -> Distribution:
    """The distribution, with the packages of the configuration's lock file if there is one."""
    from system_manager.evaluation.package_lock import LOCK_FILE, LockedIndex, LockError, read_lock

    distribution, _ = describe_distribution(settings)
    lock_file = file.parent / LOCK_FILE
    lock = read_lock(lock_file)
    if lock is None or distribution.packages is None:
        return distribution
    key = key_in_locks(distribution)
    if key not in lock.systems:
        raise LockError(
            f"the lock file says nothing of {key}",
            where=str(lock_file),
            hint="run 'system-manager lock' on such a machine to add it",
        )
    part = lock.systems[key]
    index = LockedIndex(distribution.packages, part, lock_file)
    return replace(distribution, packages=index, dependencies=tuple(part.dependencies.values()), locked=True)


def key_in_locks(distribution: Distribution) -> str:
    """What a lock file calls this kind of machine."""
    from system_manager.evaluation.package_lock import system_key
    from system_manager.evaluation.settings import current_system

    return system_key(distribution.identity, distribution.version, current_system())
