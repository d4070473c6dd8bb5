"""What is put onto the machine: files, half of them links and half copies, and services that sleep."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.machine import Machine

DIRECTORY = "/root/benchmark"
_FILES_IN_A_DIRECTORY = 100
_TARGET = "multi-user.target"


class Stage(enum.Enum):
    """What is measured, in this order; the value is a heading."""

    FIRST = "first activation"
    AGAIN = "nothing to do"
    CHANGED = "one file and one service changed"
    DEACTIVATE = "deactivation"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it."""

    files: int
    services: int

    def __str__(self) -> str:
        return f"{self.files:,} files and {self.services} service{'s' if self.services > 1 else ''}".replace(",", " ")


@dataclass(frozen=True, slots=True)
class Content:
    """One state of the machine. ``version`` 2 differs from 1 in one copied file and in one service."""

    size: Size
    version: int

    def prepare(self, machine: Machine) -> None:
        """Put the sources into the machine's store, and a description of this content where each contestant reads it.

        All contestants install the same store paths, so they copy the same bytes and link to the same targets.
        """
        for path, text in self._sources():
            machine.write(path, text)
        machine.write(self.description, json.dumps(self._describe()))
        machine.write(f"{self.toplevel}/manifest.json", json.dumps(self._manifest()))

    @property
    def description(self) -> str:
        """The path of the description, see ``inside/``."""
        return f"{DIRECTORY}/content-{self.version}.json"

    @property
    def toplevel(self) -> str:
        """The store path of the manifest."""
        return _store_path("system-manager", str(self))

    def _text(self, number: int) -> str:
        changed = number == 0 and self.version == 2
        return f"# file {number}, version {2 if changed else 1}\n" + "setting = value\n" * 10

    def _unit(self, number: int) -> str:
        changed = number == 0 and self.version == 2
        mark = 2 if changed else 1
        return (
            f"[Unit]\nDescription=Sleeper {number}\n[Service]\nEnvironment=MARK={mark}\n"
            f"ExecStart=/bin/sleep infinity\n[Install]\nWantedBy={_TARGET}\n"
        )

    def _files(self) -> Iterator[tuple[str, str, bool]]:
        """Path, store path, and whether it is copied; the first one is."""
        for number in range(self.size.files):
            path = f"/etc/benchmark/{number // _FILES_IN_A_DIRECTORY:03}/file-{number:05}.conf"
            yield path, _store_path(f"file-{number:05}.conf", self._text(number)), number % 2 == 0

    def _units(self) -> Iterator[tuple[str, str]]:
        """Name and store path."""
        for number in range(self.size.services):
            yield f"sleeper-{number:03}.service", _store_path(f"sleeper-{number:03}.service", self._unit(number))

    def _sources(self) -> Iterator[tuple[str, str]]:
        for number, (_, source, _copied) in enumerate(self._files()):
            yield source, self._text(number)
        for number, (_, source) in enumerate(self._units()):
            yield source, self._unit(number)

    def _describe(self) -> dict[str, Any]:
        files = list(self._files())
        directories = sorted({"/etc/benchmark", *(path.rpartition("/")[0] for path, _, _ in files)})
        return {
            "directories": directories,
            "links": [{"path": path, "target": source} for path, source, copied in files if not copied],
            "copies": [{"path": path, "source": source} for path, source, copied in files if copied],
            "units": [{"name": name, "source": source} for name, source in self._units()],
        }

    def _manifest(self) -> dict[str, Any]:
        files = [
            {"kind": "copy" if copied else "link", "target": path, "source": source}
            for path, source, copied in self._files()
        ]
        for name, source in self._units():
            files.append({"kind": "link", "target": f"/etc/systemd/system/{name}", "source": source})
            wants = f"/etc/systemd/system/{_TARGET}.wants/{name}"
            files.append({"kind": "link", "target": wants, "source": f"../{name}"})
        return {
            "version": 1,
            "files": sorted(files, key=lambda file: file["target"]),
            "units": {name: {"fragment": source, "wantedBy": [_TARGET]} for name, source in self._units()},
        }


def _store_path(name: str, content: str) -> str:
    return f"/nix/store/{hashlib.sha256(content.encode()).hexdigest()[:32]}-{name}"
