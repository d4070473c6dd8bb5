"""Looking packages of the distribution up, for evaluations and for the cache of their results."""

from __future__ import annotations

from system_manager.base.digests import content_digest
from system_manager.base.records import record
from system_manager.base.type_hints import Protocol, Sequence


class DistributionPackage(Protocol):
    """One package of the distribution's archives. ``sha256`` is hexadecimal, ``size`` in bytes."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def architecture(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def file_name(self) -> str: ...


class PackageIndex(Protocol):
    """Where packages are looked up. Raises :class:`~system_manager.base.errors.SystemManagerError`."""

    def names(self) -> Sequence[str]:
        """Every name that may be looked up."""

    def lookup(self, name: str) -> DistributionPackage | None:
        """The version that would be installed now."""

    def identity(self) -> str:
        """A text that changes whenever another answer of the index may have."""

    def advice(self) -> str | None:
        """What has to be done before it can find anything; None if it can."""


@record(frozen=True)
class Distribution:
    """The distribution of the machine that is configured: ``ID`` and ``VERSION_ID`` of os-release(5).

    :ivar package_manager: the name of its program, e.g. ``apt-get``.
    :ivar dependencies: packages that a lock file wants together with those that are asked for.
    :ivar locked: whether versions are from a lock file.
    """

    identity: str
    version: str
    packages: PackageIndex | None = None
    package_manager: str = ""
    dependencies: tuple[DistributionPackage, ...] = ()
    locked: bool = False


def describe_package(package: DistributionPackage | None) -> str:
    """All that an evaluation can see of a lookup's answer, in one text."""
    if package is None:
        return ""
    fields = (package.name, package.version, package.architecture, package.sha256, str(package.size), package.file_name)
    return "\n".join(fields)


def digest_names(names: Sequence[str]) -> str:
    """One text for a whole list of names."""
    return content_digest("\n".join(names).encode())
