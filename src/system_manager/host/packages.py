"""What System Manager asks of a distribution's package manager, whichever it is.

Two sides use it: the evaluation looks packages up in a :class:`PackageIndex` (read-only, any user), the
activation moves the machine with a :class:`PackageManager` (root). Versions are the distribution's own text,
e.g. ``1.22.1-9+deb12u3`` or ``1:1.26.2-1.fc41``; nobody but the package manager compares them.
"""

from __future__ import annotations

import enum

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer
from system_manager.base.records import record
from system_manager.base.type_hints import Collection, Iterable, Mapping, Path, Protocol, Sequence

DESCRIPTION_FILE = "nix-support/distro-package.json"
"""Where a store path that stands for a package of the distribution says which one."""


class PackageError(SystemManagerError):
    """The package manager cannot do what was asked."""


class PackageNotFoundError(PackageError):
    """No package, or no such version of it, in the distribution's archives."""


class PackageConflictError(PackageError):
    """The packages cannot be installed as asked: held back, broken, or in conflict with each other."""


class PackageManagerBusyError(PackageError):
    """Another package manager holds the lock."""


class DownloadError(PackageError):
    """The archive could not be reached, or what it sent is not what its index promised."""


@record(frozen=True)
class IndexedPackage:
    """What the archive says of one package file. ``sha256`` is hexadecimal, ``size`` in bytes."""

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    file_name: str
    description: str


class PackageIndex(Protocol):
    """The packages that the distribution's archives offer, as last refreshed."""

    def names(self) -> Sequence[str]:
        """Every name that can be looked up, sorted."""

    def lookup(self, name: str) -> IndexedPackage | None:
        """The version that would be installed now; ``None`` if there is no such (real) package."""

    def identity(self) -> str:
        """A text that changes whenever an answer of the other two may have changed; costs a few ``stat``."""

    def advice(self) -> str | None:
        """What has to be done before packages can be found, on a machine without package lists; else ``None``."""


@record(frozen=True)
class RequestedPackage:
    """A package that the new generation wants on the machine, in exactly this version.

    ``file`` is the package file at hand; without it the archive is asked for the version. ``automatic``: it only
    comes along with another, and the package manager may note it as a dependency.
    """

    name: str
    version: str
    architecture: str
    sha256: str
    file: Path | None = None
    automatic: bool = False


@record(frozen=True)
class InstalledPackage:
    """A package that is on the machine. ``automatic``: it came as a dependency, nobody asked for it."""

    name: str
    version: str
    architecture: str
    automatic: bool
    held: bool


class PackageAction(enum.Enum):
    """What happens to a package."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    REMOVE = "remove"


@record(frozen=True)
class PackageChange:
    """One package's part in a transaction; ``None`` is "not installed"."""

    action: PackageAction
    name: str
    old_version: str | None
    new_version: str | None
    architecture: str = ""


class EntryKind(enum.Enum):
    """What a path in a package is."""

    FILE = enum.auto()
    DIRECTORY = enum.auto()
    LINK = enum.auto()


@record(frozen=True)
class ArchiveEntry:
    """One path that a package puts on the machine, absolute; ``executable`` for files and links."""

    path: str
    kind: EntryKind
    executable: bool


class PackageSource(Protocol):
    """Where package files come from, and what is in them. Root is needed only where a manager insists."""

    def fetch(self, name: str, version: str, architecture: str, directory: Path) -> Path:
        """Download one package file into a directory; the result is in it. Raises :class:`PackageError`."""

    def entries(self, file: Path) -> Sequence[ArchiveEntry]:
        """The paths in a package file. Raises :class:`PackageError` if it is none, or leaves the root directory."""


class PackageManager(PackageSource, Protocol):
    """Changes which packages are on the machine. Every method raises :class:`PackageError`."""

    def installed(self, names: Iterable[str]) -> Mapping[str, InstalledPackage]:
        """Those of ``names`` that are fully installed, by name."""

    def simulate(
        self, install: Sequence[RequestedPackage], remove: Sequence[str] = (), *, leaving: Collection[str] = ()
    ) -> tuple[PackageChange, ...]:
        """What :meth:`install` and :meth:`remove` would do, dependencies included; touches nothing.

        ``leaving`` are packages that nobody needs any more: what is in their place may be installed in theirs.

        Raises :class:`PackageConflictError`, in the package manager's own words, when it would refuse, or when
        it would remove a package that is in neither ``remove`` nor ``leaving``.
        """

    def install(
        self,
        packages: Sequence[RequestedPackage],
        *,
        managed_units: frozenset[str],
        observer: Observer,
        leaving: Collection[str] = (),
    ) -> tuple[PackageChange, ...]:
        """Put the packages and what they depend on onto the machine; return what was done.

        ``leaving`` as for :meth:`simulate`.

        No service is started or enabled by it. A service that runs is restarted by its package's upgrade as
        usual, except ``managed_units`` (e.g. ``nginx.service``), which the caller restarts itself.
        Configuration files that were edited are kept.
        """

    def remove(
        self, names: Sequence[str], *, managed_units: frozenset[str], observer: Observer
    ) -> tuple[PackageChange, ...]:
        """Remove these packages, and nothing else; configuration files that were edited stay."""

    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """Note that installed packages came as dependencies, or that somebody asked for them."""

    def revert(
        self,
        changes: Sequence[PackageChange],
        files: Sequence[RequestedPackage],
        *,
        managed_units: frozenset[str],
        observer: Observer,
    ) -> None:
        """Bring the packages of ``changes`` back to their old versions, whether or not the changes happened.

        ``files`` are package files at hand, for old versions that the archive no longer has. May be called
        again after it was interrupted.
        """

    def recover(self, observer: Observer) -> None:
        """Finish what a killed run left half done: unconfigured packages, services held back."""
