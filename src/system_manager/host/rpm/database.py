"""Asking rpm(8) what is installed, and what is in a package file."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from system_manager.base.records import record
from system_manager.host.package_command import is_package_name, run_manager
from system_manager.host.packages import ArchiveEntry, EntryKind, PackageError

# Not EVR: older versions of rpm print an epoch that is not set as "(none)".
_VERSION = "%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}"
_IDENTITY = rf"%{{NAME}}\t{_VERSION}\t%{{ARCH}}\n"
_FILES = r"[%{FILENAMES}\t%{FILEMODES:octal}\n]"


@record(frozen=True)
class RpmPackage:
    """Name, ``[epoch:]version-release`` and architecture, of an installed package or a file."""

    name: str
    version: str
    architecture: str


@record(frozen=True)
class RpmDatabase:
    """The packages installed below ``root``."""

    root: Path = Path("/")

    def query(self, names: Iterable[str]) -> list[RpmPackage]:
        """Every installed package of these names; of some there is more than one."""
        wanted = [name for name in dict.fromkeys(names) if is_package_name(name)]
        if not wanted:
            return []
        # The status counts those that are not installed; messages about them come on standard output, without tabs.
        output = self._rpm("--query", "--queryformat", _IDENTITY, "--", *wanted, success=range(256))
        return [_identity(line) for line in output.splitlines() if line.count("\t") == 2]

    def configuration_of(self, names: Sequence[str]) -> set[str]:
        """Paths below ``/etc`` that these installed packages own."""
        output = self._rpm("--query", "--list", "--", *names, success=range(256)) if names else ""
        return {line for line in output.splitlines() if line.startswith("/etc/")}

    def duplicates(self, names: Iterable[str]) -> list[str]:
        """Names that are installed in two versions: an upgrade was killed before it removed the old one."""
        found = [package.name for package in self.query(names)]
        return sorted({name for name in found if found.count(name) > 1})

    def _rpm(self, *arguments: str, success: Sequence[int] = (0,)) -> str:
        root = [] if self.root == Path("/") else ["--root", str(self.root)]
        return run_manager(["rpm", *root, *arguments], success=success).output


def _identity(line: str) -> RpmPackage:
    name, version, architecture = line.split("\t")
    return RpmPackage(name, version, architecture)


def list_archive(file: Path) -> tuple[ArchiveEntry, ...]:
    """The paths in a package file.

    Raises :class:`PackageError` if it is no package file, or one that tries to leave the root directory.
    """
    entries = []
    for line in _query_file(file, _FILES).splitlines():
        path, tab, octal = line.rpartition("\t")
        if line == "(none)\t(none)":
            continue  # how a package without files is printed
        if not tab or not path.startswith("/") or ".." in path.split("/"):
            raise PackageError(f"the package holds a path that leaves its root: {line!r}", where=str(file))
        mode = int(octal, 8)
        if stat.S_ISDIR(mode):
            entries.append(ArchiveEntry(path, EntryKind.DIRECTORY, False))
        elif stat.S_ISLNK(mode):
            entries.append(ArchiveEntry(path, EntryKind.LINK, True))
        elif stat.S_ISREG(mode):
            entries.append(ArchiveEntry(path, EntryKind.FILE, bool(mode & 0o111)))
    return tuple(entries)


def _query_file(file: Path, query: str) -> str:
    try:
        # Who made it is no question here: its hash was compared with the one that was evaluated.
        command = ["rpm", "--query", "--package", "--nosignature", "--queryformat", query, "--", str(file.absolute())]
        return run_manager(command).output
    except PackageError as error:
        raise PackageError(f"this is no package file: {error.what}", where=str(file)) from error
