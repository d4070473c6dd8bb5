"""Versions of packages from the lock file beside the configuration, and making one."""

from __future__ import annotations

from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer
from system_manager.base.files import Mode, Ownership, write_atomically
from system_manager.base.records import record, replace
from system_manager.base.type_hints import Iterable, Mapping
from system_manager.cli.building import build_for
from system_manager.cli.distribution import describe_distribution, key_in_locks
from system_manager.cli.selection import Choice, find_configuration
from system_manager.cli.settings import Settings
from system_manager.evaluation.package_lock import (
    LOCK_FILE,
    Lock,
    LockedPackage,
    LockError,
    LockingIndex,
    SystemLock,
    encode_lock,
    read_lock,
)
from system_manager.host.package_files import sha256_of
from system_manager.host.package_systems import PackageSystem
from system_manager.host.packages import DESCRIPTION_FILE, IndexedPackage, PackageAction, RequestedPackage
from system_manager.store.paths import StorePath
from system_manager.store.store import Store


@record(frozen=True)
class LockChange:
    """What becomes of one entry; None is "not in the lock file"."""

    name: str
    old: str | None
    new: str | None


def make_lock(
    choice: Choice, settings: Settings, observer: Observer, *, update: Iterable[str] | None
) -> tuple[Path, list[LockChange]]:
    """Write the lock file of a configuration; returns where it is and what changed in it.

    :param update: names of packages to take anew from the archives; None for all.
    """
    file = find_configuration(choice.file, Path(settings.root))
    lock_file = file.parent / LOCK_FILE
    lock = read_lock(lock_file) or Lock()
    distribution, system = describe_distribution(settings)
    if system is None:
        raise SystemManagerError("this distribution's package manager is not supported, so there is nothing to lock")
    before = lock.systems.get(key_in_locks(distribution), SystemLock())
    known = {*before.packages, *before.dependencies}
    wanted = known if update is None else frozenset(update)
    if unknown := sorted(wanted - known):
        raise LockError(
            f"not in the lock file: {', '.join(unknown)}",
            where=str(lock_file),
            hint="it has the distribution's names; what is new in the configuration comes with 'system-manager lock'",
        )
    index = LockingIndex(system.index, before, lock_file, frozenset(wanted))
    with Store.open(Path(settings.store_root)) as store:
        locking = replace(distribution, packages=index, locked=True)
        toplevel = build_for(choice, file, store, settings, observer=observer, distribution=locking, cached=False)
        requested = _requested(store, toplevel)
    kept = {name: package for name, package in before.dependencies.items() if name not in wanted}
    dependencies = _dependencies(system, requested, kept, settings)
    after = SystemLock(index.used, dependencies)
    if after != before or not lock_file.exists():
        _write(lock_file, lock.with_system(key_in_locks(distribution), after))
    return lock_file, _changes(before, after)


def _requested(store: Store, toplevel: StorePath) -> list[RequestedPackage]:
    import json

    manifest = json.loads((store.real_path(toplevel) / "manifest.json").read_bytes())
    requested = []
    for path in manifest.get("packages", ()):
        described = json.loads((store.real_path(StorePath.parse(path)) / DESCRIPTION_FILE).read_bytes())
        requested.append(
            RequestedPackage(
                described["name"],
                described["version"],
                described["architecture"],
                described["sha256"],
                store.real_path(StorePath.parse(described["file"])),
            )
        )
    return requested


def _dependencies(
    system: PackageSystem,
    requested: Iterable[RequestedPackage],
    kept: Mapping[str, LockedPackage],
    settings: Settings,
) -> dict[str, LockedPackage]:
    """What has to be installed besides: what the package manager says, and what is there because of us."""
    names = {package.name for package in requested}
    along = [
        RequestedPackage(one.name, one.version, one.architecture, one.sha256, automatic=True) for one in kept.values()
    ]
    manager = system.new_manager()
    here = manager.installed(names | kept.keys())
    missing = [package for package in (*requested, *along) if package.name not in here]
    found = dict(_already_there(system, names, kept, settings))
    for change in manager.simulate(missing):
        name = change.name.partition(":")[0]
        if change.action is PackageAction.INSTALL and name not in names and change.new_version is not None:
            old = kept.get(name)
            if old is not None and old.version == change.new_version:
                found[name] = old
            else:
                found[name] = _look_up(system, name, change.new_version, change.architecture)
    return dict(sorted(found.items()))


def _already_there(
    system: PackageSystem, names: set[str], kept: Mapping[str, LockedPackage], settings: Settings
) -> Iterable[tuple[str, LockedPackage]]:
    from system_manager.activation.state import load_state
    from system_manager.host.root import Root

    for name, owned in load_state(Root(settings.root, settings.store_root)).packages.items():
        if not owned.asked and owned.original is None and name not in names:
            candidate = system.index.lookup(name)
            if name in kept:
                yield name, kept[name]
            elif candidate is not None:
                yield name, LockedPackage.of(candidate)


def _look_up(system: PackageSystem, name: str, version: str, architecture: str) -> LockedPackage:
    candidate = system.index.lookup(name)
    if candidate is not None and candidate.version == version:
        return LockedPackage.of(candidate)
    # Another version than the newest is what fits; its hash is that of its file.
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        file = system.new_manager().fetch(name, version, architecture, Path(directory))
        found = IndexedPackage(name, version, architecture, sha256_of(file), file.stat().st_size, file.name, "")
    return LockedPackage.of(found)


def _write(file: Path, lock: Lock) -> None:
    try:
        status = file.stat() if file.exists() else file.parent.stat()
        mode = Mode(status.st_mode & 0o777) if file.exists() else Mode(0o644)
        # As root for another user's configuration it stays that user's.
        write_atomically(file, encode_lock(lock), mode=mode, ownership=Ownership(status.st_uid, status.st_gid))
    except OSError as error:
        raise LockError(f"the lock file cannot be written: {error.strerror}", where=str(file)) from None


def _changes(before: SystemLock, after: SystemLock) -> list[LockChange]:
    old = {**before.dependencies, **before.packages}
    new = {**after.dependencies, **after.packages}
    return [
        LockChange(name, old[name].version if name in old else None, new[name].version if name in new else None)
        for name in sorted({*old, *new})
        if (old[name].version if name in old else None) != (new[name].version if name in new else None)
    ]
