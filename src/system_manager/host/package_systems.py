"""Which package manager a machine has, and the objects that speak to it."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType

from system_manager.base.enumerations import Enum
from system_manager.base.errors import SystemManagerError
from system_manager.base.process import has_program
from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Mapping
from system_manager.host.distribution import read_distribution
from system_manager.host.packages import PackageIndex, PackageManager
from system_manager.host.root import Root


class ManagerKind(Enum):
    """The package managers that are known; the values are the names of their programs."""

    APT = "apt-get"
    DNF = "dnf"
    ZYPPER = "zypper"
    PACMAN = "pacman"


_DISTRIBUTIONS: Mapping[str, ManagerKind] = MappingProxyType(
    {
        "debian": ManagerKind.APT,
        "ubuntu": ManagerKind.APT,
        "fedora": ManagerKind.DNF,
        "rhel": ManagerKind.DNF,
        "centos": ManagerKind.DNF,
        "suse": ManagerKind.ZYPPER,
        "opensuse": ManagerKind.ZYPPER,
        "sles": ManagerKind.ZYPPER,
        "arch": ManagerKind.PACMAN,
    }
)
# The database of installed packages, in the places where distributions have it.
_DATABASES: Mapping[ManagerKind, tuple[str, ...]] = MappingProxyType(
    {
        ManagerKind.APT: ("/var/lib/dpkg/status",),
        ManagerKind.DNF: ("/usr/lib/sysimage/rpm", "/var/lib/rpm"),
        ManagerKind.ZYPPER: ("/usr/lib/sysimage/rpm", "/var/lib/rpm"),
        ManagerKind.PACMAN: ("/var/lib/pacman/local",),
    }
)


def manager_kind(root: Root) -> ManagerKind | None:
    """The package manager of the system at ``root``: that of its distribution, if its program and database are there.

    Of a distribution that is not known the first counts of which both are.
    """
    try:
        distribution = read_distribution(root)
        names = [distribution.id, *distribution.like]
    except SystemManagerError:
        names = []
    known = [
        _DISTRIBUTIONS[part] for name in names for part in (name, name.partition("-")[0]) if part in _DISTRIBUTIONS
    ]
    for kind in known[:1] or ManagerKind:
        if has_program(kind.value) and any(os.path.exists(root.join(path)) for path in _DATABASES[kind]):
            return kind
    return None


@record(frozen=True)
class PackageSystem:
    """The package manager of one system.

    :ivar index: what it offers.
    :ivar new_manager: makes what changes the system, which an evaluation need not load.
    """

    kind: ManagerKind
    index: PackageIndex
    new_manager: Callable[[], PackageManager]


def find_package_system(root: Root, caches: Path | None = None) -> PackageSystem | None:
    """The package manager under this root, or None when there is none that we know.

    :param caches: a directory of this user's, for package managers whose own caches only root may write, and for
        remembered answers.
    """
    kind = manager_kind(root)
    if kind is None:
        return None
    path = Path(root.path)
    match kind:
        case ManagerKind.APT:
            return _apt(path, caches)
        case ManagerKind.DNF:
            return _dnf(path, caches)
        case ManagerKind.ZYPPER:
            return _zypper(path, caches)
        case ManagerKind.PACMAN:
            return _pacman(path, caches)


def _apt(root: Path, caches: Path | None) -> PackageSystem:
    from system_manager.host.apt.command import AptSystem
    from system_manager.host.apt.index import AptIndex

    system = AptSystem(root, None if caches is None else caches / "apt")

    def manager() -> PackageManager:
        from system_manager.host.apt.manager import AptManager

        return AptManager(system)

    return PackageSystem(ManagerKind.APT, AptIndex(system, _memory(caches)), manager)


def _dnf(root: Path, caches: Path | None) -> PackageSystem:
    from system_manager.host.dnf.command import DnfSystem
    from system_manager.host.dnf.index import DnfIndex

    system = DnfSystem(root, None if caches is None else caches / "dnf")

    def manager() -> PackageManager:
        from system_manager.host.dnf.manager import DnfManager

        return DnfManager(system)

    return PackageSystem(ManagerKind.DNF, DnfIndex(system, _memory(caches)), manager)


def _zypper(root: Path, caches: Path | None) -> PackageSystem:
    from system_manager.host.zypper.command import ZypperSystem
    from system_manager.host.zypper.index import ZypperIndex

    system = ZypperSystem(root)

    def manager() -> PackageManager:
        from system_manager.host.zypper.manager import ZypperManager

        return ZypperManager(system)

    return PackageSystem(ManagerKind.ZYPPER, ZypperIndex(system, _memory(caches)), manager)


def _pacman(root: Path, caches: Path | None) -> PackageSystem:
    from system_manager.host.pacman.command import PacmanSystem
    from system_manager.host.pacman.index import PacmanIndex

    system = PacmanSystem(root)

    def manager() -> PackageManager:
        from system_manager.host.pacman.manager import PacmanManager

        return PacmanManager(system)

    return PackageSystem(ManagerKind.PACMAN, PacmanIndex(system, _memory(caches)), manager)


def _memory(caches: Path | None) -> Path | None:
    return None if caches is None else caches / "packages"
