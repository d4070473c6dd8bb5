"""Getting one package file, in exactly the version that was evaluated."""

from __future__ import annotations

from pathlib import Path

from system_manager.host.packages import DownloadError, PackageSource


def fetch_verified(
    source: PackageSource, *, name: str, version: str, architecture: str, sha256: str, destination: Path
) -> None:
    """Put the package file of ``name`` in ``version`` at ``destination``, which must not exist.

    Raises :class:`~.packages.PackageNotFoundError` if no archive offers the version any more, and
    :class:`~.packages.DownloadError` if it cannot be fetched or is not the file whose ``sha256`` (hexadecimal) is
    expected.
    """
    import tempfile

    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".download-") as directory:
        file = source.fetch(name, version, architecture, Path(directory))
        actual = sha256_of(file)
        if actual != sha256:
            raise DownloadError(
                f"{name} {version} has the hash {actual}, the configuration was evaluated with {sha256}",
                hint="refresh the package lists and evaluate again",
            )
        file.chmod(0o644)
        file.rename(destination)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's content, hexadecimal."""
    import hashlib  # it loads OpenSSL

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
