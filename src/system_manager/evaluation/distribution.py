"""The ``distribution`` that the library gets: which one this is, and its packages, looked up when they are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from system_manager.evaluation.facts import Facts
from system_manager.language.errors import ThrownError
from system_manager.language.runtime import Lazy, Value, defer


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
        ...

    def lookup(self, name: str) -> DistributionPackage | None:
        """The version that would be installed now."""
        ...

    def identity(self) -> str:
        """A text that changes whenever another answer of the index may have."""
        ...


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of the machine that is configured: ``ID`` and ``VERSION_ID`` of os-release(5)."""

    identity: str
    version: str
    packages: PackageIndex | None = None


def distribution_value(distribution: Distribution, system: str, facts: Facts) -> Value:
    """``{ id, versionId, system, packages }``; every package is a thunk that asks the index."""
    packages: dict[str, Lazy] = {}
    index = distribution.packages
    if index is not None:
        names = index.names()
        facts.package_index = index.identity()
        facts.package_names = digest_names(names)
        packages = {name: defer(_look_up, distribution, index, facts, name) for name in names}
    return {
        "id": distribution.identity,
        "versionId": distribution.version,
        "system": system,
        "packages": packages,
    }


def _look_up(distribution: Distribution, index: PackageIndex, facts: Facts, name: str) -> Value:
    package = index.lookup(name)
    facts.packages[name] = describe_package(package)
    if package is None:
        raise ThrownError(
            f"{distribution.identity} {distribution.version} has no package '{name}' that can be installed",
            hint="it may be provided by others under this name: name one of them, or refresh the package lists",
        )
    return {
        "name": package.name,
        "version": package.version,
        "architecture": package.architecture,
        "sha256": package.sha256,
        "size": package.size,
        "fileName": package.file_name,
    }


def describe_package(package: DistributionPackage | None) -> str:
    """All that an evaluation can see of a lookup's answer, in one text."""
    if package is None:
        return ""
    fields = (package.name, package.version, package.architecture, package.sha256, str(package.size), package.file_name)
    return "\n".join(fields)


def digest_names(names: Sequence[str]) -> str:
    """One text for a whole list of names."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
