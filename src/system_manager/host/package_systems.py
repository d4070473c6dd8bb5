"""Which package manager a machine has, and the objects that speak to it."""

from __future__ import annotations

import enum
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.host.distribution import read_distribution
from system_manager.host.packages import PackageIndex, PackageManager
from system_manager.host.root import Root


class ManagerKind(enum.Enum):
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
        if shutil.which(kind.value) and any(os.path.exists(root.join(path)) for path in _DATABASES[kind]):
            return kind
    return None


@record(frozen=True)
class PackageSystem:
    """The package manager of one system: what changes it, and what it offers."""

    kind: ManagerKind
    manager: PackageManager
    index: PackageIndex


def find_package_system(root: Root, caches: Path | None = None) -> PackageSystem | None:
    """The package manager under this root, or None when there is none that we know.

    :param caches: a directory of this user's, for package managers whose own caches only root may write, and for
        remembered answers.
    """
    kind = manager_kind(root)
    if kind is None:
        return None
    path = Path(root.path)
    memory = None if caches is None else caches / "packages"
    own = None if caches is None else caches / kind.value.removesuffix("-get")
    match kind:
        case ManagerKind.APT:
            from system_manager.host.apt.command import AptSystem
            from system_manager.host.apt.index import AptIndex
            from system_manager.host.apt.manager import AptManager

            apt = AptSystem(path, own)
            return PackageSystem(kind, AptManager(apt), AptIndex(apt, memory))
        case ManagerKind.DNF:
            from system_manager.host.dnf.command import DnfSystem
            from system_manager.host.dnf.index import DnfIndex
            from system_manager.host.dnf.manager import DnfManager

            dnf = DnfSystem(path, own)
            return PackageSystem(kind, DnfManager(dnf), DnfIndex(dnf, memory))
        case ManagerKind.ZYPPER:
            from system_manager.host.zypper.command import ZypperSystem
            from system_manager.host.zypper.index import ZypperIndex
            from system_manager.host.zypper.manager import ZypperManager

            zypper = ZypperSystem(path)
            return PackageSystem(kind, ZypperManager(zypper), ZypperIndex(zypper, memory))
        case ManagerKind.PACMAN:
            from system_manager.host.pacman.command import PacmanSystem
            from system_manager.host.pacman.index import PacmanIndex
            from system_manager.host.pacman.manager import PacmanManager

            pacman = PacmanSystem(path)
            return PackageSystem(kind, PacmanManager(pacman), PacmanIndex(pacman, memory))
