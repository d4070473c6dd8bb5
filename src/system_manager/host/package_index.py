"""Looking packages up, with answers remembered for as long as the package lists are the same.

One question to a package manager costs between 10 ms and a second, so answers are kept in a small file that is
named after what they were made from.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from system_manager.base.digests import new_digest
from system_manager.base.files import Mode, write_atomically
from system_manager.base.records import FIELDS
from system_manager.host.packages import IndexedPackage


class RememberingIndex(ABC):
    """A :class:`~system_manager.host.packages.PackageIndex` over what one package manager answers.

    :param root: the directory that is the system's ``/``.
    :param memory: directory for remembered answers; created when needed, and safe to delete.
    """

    def __init__(self, root: Path, memory: Path | None = None) -> None:
        self._root = root
        self._memory = memory
        self._identity: str | None = None
        self._records: dict[str, IndexedPackage | None] | None = None

    @abstractmethod
    def _sources(self) -> Iterator[Path]:
        """The files that answers can come from: package lists, and configuration."""

    @abstractmethod
    def _all_names(self) -> set[str]:
        """Ask for all names."""

    @abstractmethod
    def _ask(self, name: str) -> IndexedPackage | None:
        """Ask for one package."""

    def identity(self) -> str:
        """A digest over name, size and time of every list and configuration file."""
        if self._identity is None:
            digest = new_digest(type(self).__name__.encode())
            for path in self._sources():
                status = path.stat()
                line = f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"
                digest.update(line.encode("utf-8", "surrogateescape"))
            self._identity = digest.hexdigest()
        return self._identity

    def advice(self) -> str | None:
        """Nothing, unless the package manager waits for its lists to be fetched."""
        return None

    def names(self) -> Sequence[str]:
        """Every name in the lists, also those that only others provide: telling them apart takes a lookup each."""
        remembered = None if self._memory is None else self._memory / f"names-{self.identity()[:32]}"
        if remembered is not None:
            try:
                return remembered.read_text().split("\n")
            except (OSError, UnicodeDecodeError):
                pass
        names = sorted(self._all_names())
        if remembered is not None and names:
            self._remember(remembered, "\n".join(names))
        return names

    def lookup(self, name: str) -> IndexedPackage | None:
        """Ask for the candidate version's record."""
        records = self._known()
        if name not in records:
            records[name] = self._ask(name)
            self._remember(self._records_file(), _encode(records))
        return records[name]

    def _records_file(self) -> Path | None:
        return None if self._memory is None else self._memory / f"records-{self.identity()[:32]}.json"

    def _known(self) -> dict[str, IndexedPackage | None]:
        import json

        if self._records is None:
            self._records = {}
            path = self._records_file()
            if path is not None:
                try:
                    self._records = _decode(json.loads(path.read_text()))
                except (OSError, ValueError, TypeError, AttributeError):
                    self._records = {}  # absent, or torn: asking again gives the same answers
        return self._records

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


def files_in(directory: Path, *, but: str = "") -> Iterator[Path]:
    """The files of a directory, sorted; none if there is no such directory."""
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_file() and entry.name != but:
            yield Path(entry.path)


def _decode(stored: Any) -> dict[str, IndexedPackage | None]:
    return {name: None if fields is None else IndexedPackage(**fields) for name, fields in stored.items()}


def _encode(records: dict[str, IndexedPackage | None]) -> str:
    import json

    fields = getattr(IndexedPackage, FIELDS)
    return json.dumps(
        {
            name: None if package is None else {field: getattr(package, field) for field in fields}
            for name, package in records.items()
        }
    )
