"""Reading the metadata of repositories that dnf and zypper have fetched: names, hashes and files of packages.

Neither program tells the hash of a package file, so it is read from where they have it from: ``primary.xml``, which
``repomd.xml`` names (createrepo_c(8)). Which version is meant is never decided here, but by the program.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

from system_manager.base.process import CommandFailedError, reading
from system_manager.host.packages import IndexedPackage, PackageError

_PRIMARY = re.compile(rb'<data type="primary">.*?<location href="([^"]+)"', re.DOTALL)
_NAME = re.compile(rb"<name>([^<]+)</name>")
_VERSION = re.compile(rb'<version epoch="(\d+)" ver="([^"]*)" rel="([^"]*)"')
_CHECKSUM = re.compile(rb'<checksum type="sha256" pkgid="YES">([0-9a-fA-F]{64})</checksum>')
_LARGEST = 2**31


def _with_zstd(file: Path) -> bytes:
    try:
        with reading(["zstd", "--decompress", "--stdout", file]) as stream:
            return stream.read(_LARGEST)
    except CommandFailedError as error:
        raise PackageError(
            f"the metadata of a repository cannot be read: {error.what}", where=str(file), hint="install 'zstd'"
        ) from error


def _read(file: Path) -> bytes:
    try:
        match file.suffix:
            case ".gz":
                with gzip.open(file) as stream:
                    return stream.read(_LARGEST)
            case ".xz":
                with lzma.open(file) as stream:
                    return stream.read(_LARGEST)
            case ".bz2":
                with bz2.open(file) as stream:
                    return stream.read(_LARGEST)
            case ".zst":
                return _with_zstd(file)
            case ".xml":
                return file.read_bytes()
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise PackageError(f"the metadata of a repository cannot be read: {error}", where=str(file)) from None
    raise PackageError(f"the metadata of a repository has a format that is not known: {file.name}", where=str(file))


def primary_files(indexes: Sequence[Path]) -> Iterator[Path]:
    """The ``primary.xml`` that each ``repomd.xml`` names, as far as it was fetched."""
    for index in indexes:
        found = _PRIMARY.search(index.read_bytes())
        if found is not None:
            file = index.parent / Path(found[1].decode()).name
            if file.exists():
                yield file


def names_in(indexes: Sequence[Path]) -> set[str]:
    """The names of all packages."""
    found: set[bytes] = set()
    for file in primary_files(indexes):
        found.update(_NAME.findall(_read(file)))
    return {unescape(name.decode()) for name in found}


def find(indexes: Sequence[Path], name: str, version: str, architecture: str) -> IndexedPackage | None:
    """What the repositories say of the package in this very version (``[epoch:]version-release``)."""
    for file in primary_files(indexes):
        content = _read(file)
        wanted = re.escape(name).encode()
        for place in re.finditer(rb"<name>%b</name>\s*<arch>%b</arch>" % (wanted, architecture.encode()), content):
            text = content[place.start() : content.find(b"</package>", place.start())]
            if _version(text) == version:
                package = _package(text, name, version, architecture)
                if package is not None:
                    return package
    return None


def _version(text: bytes) -> str | None:
    found = _VERSION.search(text)
    if found is None:
        return None
    epoch, version, release = (part.decode() for part in found.groups())
    return f"{version}-{release}" if epoch == "0" else f"{epoch}:{version}-{release}"


def _package(text: bytes, name: str, version: str, architecture: str) -> IndexedPackage | None:
    checksum = _CHECKSUM.search(text)
    size = re.search(rb'<size package="(\d+)"', text)
    location = re.search(rb'<location [^>]*href="([^"]+)"', text)
    if checksum is None or size is None or location is None:
        return None
    summary = re.search(rb"<summary>([^<]*)</summary>", text)
    return IndexedPackage(
        name=name,
        version=version,
        architecture=architecture,
        sha256=checksum[1].decode().lower(),
        size=int(size[1]),
        file_name=unescape(location[1].decode()).rpartition("/")[2],
        description=unescape(summary[1].decode(errors="replace")) if summary else "",
    )
