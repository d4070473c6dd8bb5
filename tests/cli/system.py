"""A system below a directory, for verbs that would change a machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.command import system_manager

OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'


def make_root(directory: Path) -> Path:
    """A system that was never managed, without packages."""
    result = directory / "root"
    (result / "etc").mkdir(parents=True)
    (result / "etc/os-release").write_text(OS_RELEASE)
    (result / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (result / "etc/group").write_text("root:x:0:\n")
    return result


class System:
    """A system and a configuration for it. Verbs are run with ``--root`` from the configuration's directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root = make_root(directory)

    def configure(self, text: str) -> None:
        """Replace the configuration."""
        (self.directory / "system.nix").write_text(text)

    def run(self, *arguments: str, ends_with: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a verb; its exit code has to be the given one."""
        completed = system_manager(*arguments, "--root", self.root, directory=self.directory)
        assert completed.returncode == ends_with, completed.stdout + completed.stderr
        return completed

    def etc(self) -> dict[str, str]:
        """What is below ``/etc``: text of files, targets of links, by relative path; directories are left out."""
        etc = self.root / "etc"
        return {
            str(path.relative_to(etc)): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
            for path in sorted(etc.rglob("*"))
            if path.is_symlink() or path.is_file()
        }

    def read(self, path: str) -> str:
        """The text of a file of the system; a link into the store is followed in the system."""
        real = self.root / path.lstrip("/")
        while real.is_symlink():
            real = self.root / str(real.readlink()).lstrip("/")
        return real.read_text()
