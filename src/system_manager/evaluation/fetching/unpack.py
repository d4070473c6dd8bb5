"""Unpacking an archive whose maker is not trusted: nothing leaves the destination, nothing special is made."""

from __future__ import annotations

import lzma
import posixpath
import shutil
import tarfile
import zlib
from pathlib import Path

from system_manager.evaluation.fetching.download import FetchError

_MAXIMUM_BYTES = 20 << 30


def unpack_tarball(archive: Path, destination: Path, url: str) -> int:
    """Unpack into a new directory; a directory that holds everything else is left out.

    Returns the latest modification time in it, in seconds since 1970. Raises :class:`FetchError`.
    """
    unpacked = destination.with_name(destination.name + ".unpacked")
    try:
        with tarfile.open(archive) as opened:
            newest = _unpack(opened, unpacked, url)
        tops = list(unpacked.iterdir())
        if len(tops) == 1 and tops[0].is_dir() and not tops[0].is_symlink():
            tops[0].rename(destination)
        else:
            unpacked.rename(destination)
        return newest
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, UnicodeError) as error:
        # tarfile lists what every one of its formats has to complain about.
        reason = str(error).partition(":")[0]
        raise FetchError(
            f"'{url}' is not an archive that can be unpacked ({reason})",
            hint="use tar, plain or with gzip, bzip2 or xz",
        ) from error
    except OSError as error:
        raise FetchError(f"'{url}' cannot be unpacked: {error}") from error


def _unpack(archive: tarfile.TarFile, destination: Path, url: str) -> int:
    destination.mkdir()
    links: set[str] = set()
    newest = size = 0
    for member in archive:
        name = posixpath.normpath(member.name)
        if name in {".", "/"}:
            continue
        if name.startswith(("/", "../")) or name == "..":
            raise FetchError(f"'{url}' holds a path that leaves its directory: {member.name!r}")
        if any(part in links for part in _ancestors(name)):
            raise FetchError(f"'{url}' holds a path behind a symbolic link: {member.name!r}")
        newest = max(newest, int(member.mtime))
        size += member.size
        if size > _MAXIMUM_BYTES:
            raise FetchError(f"'{url}' unpacks to more than {_MAXIMUM_BYTES >> 30} GiB")
        if _place(archive, member, destination, name):
            links.add(name)
    return newest


def _ancestors(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, destination: Path, inside: str) -> bool:
    """Make one entry; return whether it is a symbolic link."""
    target = destination / inside
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() or target.exists():  # the last one of a name counts
        target.unlink()
    if member.issym():
        target.symlink_to(member.linkname)
        return True
    content = archive.extractfile(member) if member.isfile() or member.islnk() else None
    if content is None:
        raise FetchError(f"the archive holds something that is no file, directory or link: {member.name!r}")
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(0o755 if member.mode & 0o100 else 0o644)
    return False
