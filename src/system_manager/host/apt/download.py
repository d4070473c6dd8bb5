"""Fetching one package file, in exactly the version that was evaluated."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from system_manager.host.apt.command import AptSystem
from system_manager.host.apt.index import is_package_name
from system_manager.host.packages import DownloadError, PackageNotFoundError


def download(system: AptSystem, *, name: str, version: str, architecture: str, sha256: str, destination: Path) -> None:
    """Put the package file of ``name=version`` at ``destination``, which must not exist.

    Root is not needed. Raises :class:`PackageNotFoundError` if no archive offers the version any more, and
    :class:`DownloadError` if it cannot be fetched or is not the file whose ``sha256`` (hexadecimal) is expected.
    """
    if not is_package_name(name):
        raise PackageNotFoundError(f"'{name}' cannot be the name of a package")
    package = name if architecture == "all" or ":" in name else f"{name}:{architecture}"
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".download-") as directory:
        system.apt("apt-get", "download", "--", f"{package}={version}", directory=Path(directory))
        files = list(Path(directory).glob("*.deb"))
        if len(files) != 1:
            raise DownloadError(f"apt-get fetched {len(files)} files for {package} {version} instead of one")
        with files[0].open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != sha256:
            raise DownloadError(
                f"{package} {version} has the hash {actual}, the configuration was evaluated with {sha256}",
                hint="run `apt-get update` and evaluate again",
            )
        files[0].chmod(0o644)
        files[0].rename(destination)
