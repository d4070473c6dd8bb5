"""The ``distribution`` that the library gets: which one this is, and its packages, looked up when they are needed."""

from __future__ import annotations

from system_manager.base.errors import SystemManagerError
from system_manager.evaluation.facts import Facts
from system_manager.evaluation.package_index import (
    Distribution,
    DistributionPackage,
    PackageIndex,
    describe_package,
    digest_names,
)
from system_manager.language.errors import EvaluationError, ThrownError
from system_manager.language.runtime import Lazy, Value, defer


def distribution_value(distribution: Distribution, system: str, facts: Facts) -> Value:
    """``{ id, versionId, system, packageManager, locked, packages, dependencies }``.

    Every package is a thunk that asks the index.
    """
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
        "packageManager": distribution.package_manager,
        "locked": distribution.locked,
        "packages": packages,
        "dependencies": tuple(_record(package) for package in distribution.dependencies),
    }


def _look_up(distribution: Distribution, index: PackageIndex, facts: Facts, name: str) -> Value:
    try:
        package = index.lookup(name)
    except SystemManagerError as error:
        raise EvaluationError(error.what, hint=error.hint) from error
    facts.packages[name] = describe_package(package)
    if package is None:
        raise ThrownError(
            f"{distribution.identity} {distribution.version} has no package '{name}' that can be installed",
            hint=index.advice()
            or "it may be installed without an archive that offers it, or others may provide it under this name:"
            " refresh the package lists, or name one of those",
        )
    return _record(package)


def _record(package: DistributionPackage) -> Value:
    return {
        "name": package.name,
        "version": package.version,
        "architecture": package.architecture,
        "sha256": package.sha256,
        "size": package.size,
        "fileName": package.file_name,
    }
