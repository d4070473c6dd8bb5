"""The packages that apt would install now.

Answers come from ``apt-cache`` (apt-cache(8)), which knows pinning, architectures and every list format.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from system_manager.host.apt.command import AptSystem
from system_manager.host.package_index import RememberingIndex, files_in
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


class AptIndex(RememberingIndex):
    """The index of one system."""

    def __init__(self, system: AptSystem, memory: Path | None = None) -> None:
        super().__init__(system.root, memory)
        self._system = system

    def _sources(self) -> Iterator[Path]:
        for directory in _SOURCES:
            yield from files_in(self._system.path(directory), but="lock")

    def advice(self) -> str | None:
        """Images of containers and clouds come without lists."""
        lists = files_in(self._system.path(_SOURCES[0]))
        if any("_Packages" in path.name for path in lists):
            return None
        return "there are no package lists on this machine; fetch them first: apt update"

    def _all_names(self) -> set[str]:
        return set(self._system.apt("apt-cache", "pkgnames").output.split())

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
