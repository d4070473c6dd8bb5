"""Reading pacman's own files: ``desc`` of installed packages and package lists, ``.PKGINFO`` of package files.

The formats are described in ``alpm-db-desc``(5), ``alpm-repo-desc``(5) and PKGINFO(5). Package lists are read here,
since pacman shows neither hashes nor sizes in a form that can be compared.
"""

from __future__ import annotations

import contextlib
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from system_manager.base.process import CommandFailedError, reading
from system_manager.base.records import record
from system_manager.host.packages import ArchiveEntry, EntryKind, PackageError

_LARGEST_TEXT = 2**22
_ZSTD = b"\x28\xb5\x2f\xfd"
_OWN = re.compile(r"\.[A-Z]+")  # .PKGINFO, .MTREE, .INSTALL, .BUILDINFO: not for the machine
_DEPENDENCY = re.compile(r"([^<>=]+)(?:(<=|>=|<|>|=)(.+))?")


@record(frozen=True)
class Described:
    """What a ``desc`` says of one package. Lists are of dependencies as pacman writes them, e.g. ``glibc>=2.38``."""

    name: str
    version: str
    architecture: str
    description: str
    file_name: str
    size: int
    sha256: str
    provides: tuple[str, ...]
    conflicts: tuple[str, ...]
    automatic: bool


def parse_description(text: str) -> Described | None:
    """Read ``%KEY%`` sections; None if it names no package."""
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in text.splitlines():
        if line.startswith("%") and line.endswith("%") and len(line) > 2:
            values = fields.setdefault(line[1:-1], [])
        elif line:
            values.append(line)
    if not fields.get("NAME") or not fields.get("VERSION"):
        return None
    return _described(fields)


def _described(fields: Mapping[str, list[str]]) -> Described:
    def first(key: str) -> str:
        return next(iter(fields.get(key, ())), "")

    size = first("CSIZE")
    return Described(
        name=first("NAME"),
        version=first("VERSION"),
        architecture=first("ARCH"),
        description=first("DESC"),
        file_name=first("FILENAME"),
        size=int(size) if size.isdigit() else 0,
        sha256=first("SHA256SUM").lower(),
        provides=tuple(fields.get("PROVIDES", ())),
        conflicts=tuple(fields.get("CONFLICTS", ())),
        automatic=first("REASON") == "1",
    )


def installed(database: Path) -> dict[str, Described]:
    """Every installed package."""
    found = {}
    for file in database.glob("local/*/desc"):
        with contextlib.suppress(OSError):
            described = parse_description(file.read_text(errors="replace"))
            if described is not None:
                found[described.name] = described
    return found


def offered(list_file: Path) -> Iterator[Described]:
    """Every package in one package list."""
    with _tar(list_file) as archive:
        for member in archive:
            if member.name.endswith("/desc") and member.isfile() and member.size < _LARGEST_TEXT:
                content = archive.extractfile(member)
                described = parse_description("" if content is None else content.read().decode(errors="replace"))
                if described is not None:
                    yield described


def describe_file(file: Path) -> Described:
    """What the ``.PKGINFO`` of a package file says. Raises :class:`PackageError` if there is none."""
    keys = {"pkgname": "NAME", "pkgver": "VERSION", "arch": "ARCH", "provides": "PROVIDES", "conflict": "CONFLICTS"}
    fields: dict[str, list[str]] = {}
    with _tar(file) as archive:
        for member in archive:
            if member.name == ".PKGINFO" and member.isfile() and member.size < _LARGEST_TEXT:
                content = archive.extractfile(member)
                for line in ("" if content is None else content.read().decode(errors="replace")).splitlines():
                    key, _, value = line.partition(" = ")
                    if key in keys:
                        fields.setdefault(keys[key], []).append(value.strip())
                break
    if "NAME" not in fields or "VERSION" not in fields:
        raise PackageError("this is no package file", where=str(file))
    return _described(fields)


def list_archive(file: Path) -> tuple[ArchiveEntry, ...]:
    """The paths in a package file.

    Raises :class:`PackageError` if it is no package file, or one that tries to leave the root directory.
    """
    entries = []
    with _tar(file) as archive:
        for member in archive:
            path = "/" + member.name.removeprefix("./").strip("/")
            if ".." in path.split("/") or "\n" in path:
                raise PackageError(f"the package holds a path that leaves its root: {member.name!r}", where=str(file))
            if path == "/" or _OWN.fullmatch(path[1:]):
                continue
            if member.isdir():
                entries.append(ArchiveEntry(path, EntryKind.DIRECTORY, False))
            elif member.issym():
                entries.append(ArchiveEntry(path, EntryKind.LINK, True))
            elif member.isfile() or member.islnk():
                entries.append(ArchiveEntry(path, EntryKind.FILE, bool(member.mode & 0o111)))
    return tuple(entries)


@contextlib.contextmanager
def _tar(file: Path) -> Iterator[tarfile.TarFile]:
    """An archive in any compression; zstd, which Python 3.11 does not know, by the program."""
    try:
        with contextlib.ExitStack() as stack:
            opened: IO[bytes] = stack.enter_context(file.open("rb"))
            compressed = opened.read(4) == _ZSTD
            opened.seek(0)
            if compressed:
                opened = stack.enter_context(reading(["zstd", "--decompress", "--stdout", file]))
            yield stack.enter_context(tarfile.open(fileobj=opened, mode="r|" if compressed else "r|*"))
    except (CommandFailedError, tarfile.TarError, EOFError) as error:
        raise PackageError(f"this is no package file: {error}", where=str(file)) from error


def split_dependency(text: str) -> tuple[str, str, str]:
    """``("glibc", ">=", "2.38")`` of ``glibc>=2.38``; the last two are empty without a version."""
    found = _DEPENDENCY.fullmatch(text.strip())
    return (found[1], found[2] or "", found[3] or "") if found else (text, "", "")
