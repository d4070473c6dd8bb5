"""A directory that is a Debian system as far as apt and dpkg can see, with an archive of packages made for the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from system_manager.host.apt.command import AptSystem
from system_manager.host.apt.index import AptIndex
from system_manager.host.apt.manager import AptManager

ARCHITECTURE = "amd64"

# Scripts of packages run outside the root, as DPKG_ROOT: the root has no shell. apt runs as root without dropping
# privileges, since the archive below tmp_path is not readable for everybody.
OPTIONS = (
    "DPkg::Options::=--force-script-chrootless",
    "DPkg::Options::=--force-not-root",
    "APT::Sandbox::User=root",
    f"APT::Architecture={ARCHITECTURE}",
    "Acquire::Languages=none",
    "APT::Update::Post-Invoke::=true",
)


@dataclass(slots=True)
class AptRoot:
    """``root`` is the system, ``archive`` the flat repository that its only source names."""

    root: Path
    archive: Path
    system: AptSystem = field(init=False)

    @classmethod
    def create(cls, directory: Path) -> AptRoot:
        """A system with no packages, and an empty archive."""
        made = cls(directory / "root", directory / "archive")
        made.archive.mkdir(parents=True)
        for name in (
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "etc/apt/trusted.gpg.d",
            "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial",
            "var/lib/dpkg/info",
            "var/lib/dpkg/updates",
            "var/lib/dpkg/triggers",
            "var/log/apt",
        ):
            (made.root / name).mkdir(parents=True)
        (made.root / "var/lib/dpkg/status").touch()
        (made.root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{made.archive} ./\n")
        made.system = AptSystem(made.root, directory / "cache", OPTIONS)
        (directory / "cache").mkdir()
        return made

    @property
    def manager(self) -> AptManager:
        """A package manager without memory of earlier ones."""
        return AptManager(self.system)

    def index(self, memory: Path | None = None) -> AptIndex:
        """The index as it is now."""
        return AptIndex(self.system, memory)

    def add(
        self,
        name: str,
        version: str = "1.0",
        *,
        files: dict[str, str] | None = None,
        links: dict[str, str] | None = None,
        scripts: dict[str, str] | None = None,
        control_files: dict[str, str] | None = None,
        architecture: str = "all",
        **fields: str,
    ) -> Path:
        """Build a package into the archive; ``files`` below ``/etc`` are its configuration files."""
        build = self.archive.parent / f"build-{name}-{version}"
        shutil.rmtree(build, ignore_errors=True)
        for path, content in (files or {}).items():
            file = build / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            file.chmod(0o755 if "bin/" in path else 0o644)
        for path, target in (links or {}).items():
            link = build / path.lstrip("/")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        control = build / "DEBIAN"
        control.mkdir(parents=True)
        lines = [f"Package: {name}", f"Version: {version}", f"Architecture: {architecture}"]
        lines += ["Maintainer: Nobody <nobody@example.org>", f"Description: {name} made for a test"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items()]
        (control / "control").write_text("\n".join(lines) + "\n")
        configuration = [path for path in files or {} if path.startswith("/etc/")]
        if configuration:
            (control / "conffiles").write_text("".join(f"{path}\n" for path in configuration))
        for script, text in (scripts or {}).items():
            (control / script).write_text(f"#!/bin/sh\nset -e\n{text}\n")
            (control / script).chmod(0o755)
        for control_file, text in (control_files or {}).items():
            (control / control_file).write_text(text)
        file = self.archive / f"{name}_{version}_{architecture}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", build, file], check=True, capture_output=True)
        return file

    def update(self) -> None:
        """Index the archive and let apt read the index, as ``apt-get update`` does."""
        packages = subprocess.run(
            ["dpkg-scanpackages", "--multiversion", "."], cwd=self.archive, check=True, capture_output=True
        ).stdout
        (self.archive / "Packages").write_bytes(packages)
        stamp = len(list(self.archive.iterdir()))
        os.utime(self.archive / "Packages", (10**9 + stamp, 10**9 + stamp))
        self.system.apt("apt-get", "update")

    def path(self, inside: str) -> Path:
        """Where a path of the system is."""
        return self.root / inside.lstrip("/")
