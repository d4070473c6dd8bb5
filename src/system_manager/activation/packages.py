"""Planning packages: which distribution packages the toplevel needs, and which of ours it no longer needs.

Packages that were on the machine before are never changed: not replaced by another version, not removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from system_manager.activation.package_changes import InstallPackages, Moved, RemovePackages, Wanted
from system_manager.activation.state import OwnedPackage, State
from system_manager.base.errors import SystemManagerError
from system_manager.base.records import field, record
from system_manager.generation.manifest import Manifest
from system_manager.host.packages import PackageConflictError, PackageManager
from system_manager.host.root import Root

DESCRIPTION = "nix-support/distro-package.json"


class _Described(msgspec.Struct, frozen=True):
    name: str
    version: str
    architecture: str = ""
    sha256: str = ""
    file: str | None = None


@record()
class PackagePlan:
    """What has to be done about packages. ``asked`` are those whose record changes to "the user wants it"."""

    install: InstallPackages | None = None
    remove: RemovePackages | None = None
    adopted: dict[str, OwnedPackage] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def read_wanted(paths: Iterable[str], root: Root) -> list[Wanted]:
    """The packages that store paths stand for, by name. Raises :class:`SystemManagerError` when one is none."""
    found: dict[str, Wanted] = {}
    for path in paths:
        real = os.path.join(root.real(path), DESCRIPTION)
        try:
            with open(real, "rb") as file:
                described = msgspec.json.decode(file.read(), type=_Described)
        except (OSError, msgspec.MsgspecError) as error:
            raise SystemManagerError(
                f"this store path does not describe a package of the distribution: {error}", where=path
            ) from None
        wanted = Wanted(
            described.name, described.version, described.architecture, described.sha256, described.file or None
        )
        other = found.setdefault(wanted.name, wanted)
        if other.version != wanted.version:
            raise SystemManagerError(
                f"the configuration needs '{wanted.name}' in two versions, {other.version} and {wanted.version}",
                where=path,
                hint="take both from the same set of packages",
            )
    return [found[name] for name in sorted(found)]


def plan_packages(manifest: Manifest, state: State, *, root: Root, manager: PackageManager | None) -> PackagePlan:
    """Compare what is wanted with what is installed, and let the package manager simulate the rest."""
    plan = PackagePlan()
    wanted = read_wanted(manifest.packages, root)
    if not wanted and not state.packages:
        return plan
    if manager is None:
        raise SystemManagerError(
            f"the configuration needs packages ({', '.join(one.name for one in wanted)}), "
            "and this distribution's package manager is not supported",
            hint="install them by hand and take them out of the configuration",
        )
    managed = tuple(sorted(state.units.keys() | manifest.units.keys()))
    _plan_install(plan, wanted, state, root=root, manager=manager, managed=managed)
    _plan_removal(plan, {one.name for one in wanted}, state, manager, managed)
    return plan


def _plan_install(
    plan: PackagePlan,
    wanted: Sequence[Wanted],
    state: State,
    *,
    root: Root,
    manager: PackageManager,
    managed: tuple[str, ...],
) -> None:
    present = manager.installed(one.name for one in wanted) if wanted else {}
    missing = []
    for one in wanted:
        installed, owned = present.get(one.name), state.packages.get(one.name)
        if installed is None or (owned is not None and installed.version != one.version):
            missing.append(one)
        elif installed.version != one.version:
            plan.notices.append(
                f"{one.name} {installed.version} was on this machine before and stays; "
                f"the configuration was made for {one.version}"
            )
        elif owned is not None:
            plan.adopted[one.name] = OwnedPackage(one.version, one.architecture, one.sha256, one.file)
    if missing:
        simulated = tuple(map(Moved.of, manager.simulate([one.request(root) for one in missing])))
        plan.install = InstallPackages(tuple(missing), simulated, _files(simulated, state.packages), managed)


def _plan_removal(
    plan: PackagePlan, wanted: set[str], state: State, manager: PackageManager, managed: tuple[str, ...]
) -> None:
    candidates = [name for name in sorted(state.packages) if name not in wanted]
    if not any(state.packages[name].asked for name in candidates):
        return
    candidates = [name for name in candidates if name in manager.installed(candidates)]
    moved = _removable(plan, candidates, state, manager)
    if moved:
        plan.remove = RemovePackages(moved, _files(moved, state.packages), managed)


def _removable(
    plan: PackagePlan, candidates: Sequence[str], state: State, manager: PackageManager
) -> tuple[Moved, ...]:
    """The largest part of ``candidates`` that can go without taking anything else along."""
    if not candidates:
        return ()
    try:
        return tuple(map(Moved.of, manager.simulate((), candidates)))
    except PackageConflictError:
        pass
    chosen: list[str] = []
    moved: tuple[Moved, ...] = ()
    for name in sorted(candidates, key=lambda name: not state.packages[name].asked):
        try:
            moved = tuple(map(Moved.of, manager.simulate((), [*chosen, name])))
            chosen.append(name)
        except PackageConflictError:
            if state.packages[name].asked:
                plan.notices.append(f"{name} is no longer in the configuration and stays: something else needs it")
    return moved


def _files(moved: Iterable[Moved], owned: Mapping[str, OwnedPackage]) -> tuple[Wanted, ...]:
    found = []
    for one in moved:
        package = owned.get(one.name)
        if package is not None and package.version == one.old:
            found.append(Wanted(one.name, package.version, package.architecture, package.sha256, package.file))
    return tuple(found)


def find_manager(root: Root) -> PackageManager | None:
    """The package manager of the distribution under this root, or None when there is none that we know."""
    from system_manager.host.package_systems import find_package_system

    system = find_package_system(root)
    return None if system is None else system.manager
