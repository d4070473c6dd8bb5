"""The packages that apt would install now.

Answers come from ``apt-cache`` (apt-cache(8)), which knows pinning, architectures and every list format. They
are kept in a small file, since one question costs 10 ms to 700 ms, depending on whether apt has its binary cache.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from system_manager.base.files import Mode, write_atomically
from system_manager.base.records import FIELDS
from system_manager.host.apt.command import AptSystem
from system_manager.host.packages import IndexedPackage, PackageNotFoundError

# Where an answer of apt-cache can come from. The status file is left out: it changes with every installation,
# and the candidate that is asked for must be one that an archive offers.
_SOURCES = (
    "/var/lib/apt/lists",
    "/etc/apt",
    "/etc/apt/preferences.d",
    "/etc/apt/apt.conf.d",
    "/etc/apt/sources.list.d",
)


class AptIndex:
    """A :class:`~system_manager.host.packages.PackageIndex` of one system.

    :param memory: directory for remembered answers; created when needed, and safe to delete.
    """

    def __init__(self, system: AptSystem, memory: Path | None = None) -> None:
        self._system = system
        self._memory = memory
        self._identity: str | None = None
        self._records: dict[str, IndexedPackage | None] | None = None

    def identity(self) -> str:
        """A digest over name, size and time of every list and configuration file."""
        if self._identity is None:
            digest = hashlib.sha256()
            for line in self._source_files():
                digest.update(line.encode("utf-8", "surrogateescape"))
            self._identity = digest.hexdigest()
        return self._identity

    def _source_files(self) -> Iterator[str]:
        for directory in _SOURCES:
            try:
                entries = sorted(os.scandir(self._system.path(directory)), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                if entry.is_file() and entry.name != "lock":
                    status = entry.stat()
                    yield f"{directory}/{entry.name}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"

    def names(self) -> Sequence[str]:
        """Every name in the lists, virtual packages included: telling them apart takes a lookup each."""
        remembered = None if self._memory is None else self._memory / f"names-{self.identity()[:32]}"
        if remembered is not None:
            try:
                return remembered.read_text().split("\n")
            except (OSError, UnicodeDecodeError):
                pass
        names = sorted(set(self._system.apt("apt-cache", "pkgnames").output.split()))
        if remembered is not None and names:
            self._remember(remembered, "\n".join(names))
        return names

    def lookup(self, name: str) -> IndexedPackage | None:
        """Ask for the candidate version's record."""
        records = self._known()
        if name not in records:
            records[name] = self._ask(name)
            self._remember(self._records_file(), self._encode(records))
        return records[name]

    def _ask(self, name: str) -> IndexedPackage | None:
        if not is_package_name(name):
            return None
        for options in (["--no-all-versions"], ["--all-versions"]):
            try:
                output = self._system.apt("apt-cache", "show", *options, "--", name).output
            except PackageNotFoundError:
                return None
            for stanza in output.split("\n\n"):
                package = parse_record(stanza)
                if package is not None:
                    return package
        return None

    def _records_file(self) -> Path | None:
        return None if self._memory is None else self._memory / f"records-{self.identity()[:32]}.json"

    def _known(self) -> dict[str, IndexedPackage | None]:
        if self._records is None:
            self._records = {}
            path = self._records_file()
            if path is not None:
                try:
                    stored = json.loads(path.read_text())
                    self._records = {
                        name: None if fields is None else IndexedPackage(**fields) for name, fields in stored.items()
                    }
                except (OSError, ValueError, TypeError, AttributeError):
                    self._records = {}  # absent, or torn: asking again gives the same answers
        return self._records

    @staticmethod
    def _encode(records: dict[str, IndexedPackage | None]) -> str:
        fields = getattr(IndexedPackage, FIELDS)
        return json.dumps(
            {
                name: None if package is None else {field: getattr(package, field) for field in fields}
                for name, package in records.items()
            }
        )

    @staticmethod
    def _remember(path: Path | None, text: str) -> None:
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for older in path.parent.glob(path.name.split("-")[0] + "-*"):
                if older.name != path.name:
                    older.unlink(missing_ok=True)
            write_atomically(path, text.encode(), mode=Mode(0o600), durable=False)
        except OSError:
            pass  # only speed is lost


def is_package_name(text: str) -> bool:
    """Whether this can name a binary package (Debian Policy 5.6.7), with an optional ``:architecture``."""
    name, _, architecture = text.partition(":")
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789+-.")
    return (
        len(name) >= 2
        and name[0].isascii()
        and name[0].isalnum()
        and set(name) <= allowed
        and (not architecture or architecture.replace("-", "").isalnum())
    )


def parse_record(stanza: str) -> IndexedPackage | None:
    """Read one stanza of ``apt-cache show``; ``None`` if it names no file in an archive."""
    fields: dict[str, str] = {}
    for line in stanza.splitlines():
        if line[:1] not in {" ", "\t", ""}:
            key, _, value = line.partition(":")
            fields.setdefault(key.lower(), value.strip())
    if not fields.keys() >= {"package", "version", "architecture", "filename", "size", "sha256"}:
        return None
    if not fields["size"].isdigit() or len(fields["sha256"]) != 64:
        return None
    description = fields.get("description") or fields.get("description-en") or ""
    return IndexedPackage(
        name=fields["package"],
        version=fields["version"],
        architecture=fields["architecture"],
        sha256=fields["sha256"].lower(),
        size=int(fields["size"]),
        file_name=fields["filename"].rpartition("/")[2],
        description=description,
    )
