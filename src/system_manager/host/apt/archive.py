"""What is inside a ``.deb`` file, read without unpacking it (deb(5))."""

from __future__ import annotations

import posixpath
import re
import tarfile
from pathlib import Path

from system_manager.base.process import CommandFailedError, reading
from system_manager.host.packages import ArchiveEntry, EntryKind, PackageError

_CONTROL_LIMIT = 4 * 2**20
_ALTERNATIVE = re.compile(r"--(?:install|slave)\s+(/[^\s\"'$\\]+)\s+\S+\s+/\S+")


def list_archive(file: Path) -> tuple[ArchiveEntry, ...]:
    """The paths in a package file, in its order, and the links that its postinst gives to update-alternatives(1).

    Raises :class:`PackageError` if it is no package file, or one that tries to leave the root directory.
    """
    entries = []
    try:
        with (
            reading(["dpkg-deb", "--fsys-tarfile", file]) as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            for member in archive:
                entry = _entry(member, file)
                if entry is not None:
                    entries.append(entry)
    except (CommandFailedError, tarfile.TarError) as error:
        raise PackageError(f"this is no package file: {error}", where=str(file)) from error
    known = {entry.path for entry in entries}
    links = dict.fromkeys(link for link in _alternatives(file) if link not in known)
    return (*entries, *(ArchiveEntry(link, EntryKind.LINK, True) for link in links))


def _entry(member: tarfile.TarInfo, file: Path) -> ArchiveEntry | None:
    path = posixpath.normpath("/" + member.name)
    if path == "/":
        return None
    if ".." in member.name.split("/") or "\n" in path:
        raise PackageError(f"the package holds a path that leaves its root: {member.name!r}", where=str(file))
    if member.isdir():
        return ArchiveEntry(path, EntryKind.DIRECTORY, False)
    if member.issym():
        return ArchiveEntry(path, EntryKind.LINK, True)
    if member.isfile() or member.islnk():
        return ArchiveEntry(path, EntryKind.FILE, bool(member.mode & 0o111))
    return None


def _alternatives(file: Path) -> list[str]:
    with reading(["dpkg-deb", "--ctrl-tarfile", file]) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if posixpath.normpath(member.name) == "postinst" and member.isfile() and member.size < _CONTROL_LIMIT:
                content = archive.extractfile(member)
                text = b"" if content is None else content.read()
                script = text.decode(errors="replace").replace("\\\n", " ")
                return [posixpath.normpath(link) for link in _ALTERNATIVE.findall(script)]
    return []
