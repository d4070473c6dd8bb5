"""Running pacman(8) on one system, and turning what it says into errors that help."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from system_manager.base.process import Result
from system_manager.base.records import record
from system_manager.host.package_command import essence, explain, is_running, run_manager
from system_manager.host.packages import PackageConflictError, PackageError, PackageNotFoundError

_LOCK_SECONDS = 120
_ONE_AT_A_TIME = threading.Lock()  # of several threads of ours, pacman would refuse all but one
_UNKNOWN = re.compile(r"target not found|database file for '.*' does not exist")
_CONFLICT = re.compile(
    r"could not satisfy dependencies|conflicting dependencies|unresolvable package conflicts|conflicting files"
)


@record(frozen=True)
class PacmanSystem:
    """The system whose packages are meant; a ``root`` other than ``/`` has its own ``etc/pacman.conf``."""

    root: Path = Path("/")

    def path(self, absolute: str) -> Path:
        """A path of the system, as it is reached from here."""
        return self.root / absolute.lstrip("/")

    @property
    def database(self) -> Path:
        """Where installed packages and package lists are."""
        return self.path("/var/lib/pacman")

    @property
    def cache(self) -> Path:
        """Where downloaded package files are."""
        return self.path("/var/cache/pacman/pkg")

    def configured(self, directive: str) -> list[str]:
        """The values of a directive of pacman.conf(5)."""
        return run_manager(["pacman-conf", *self._where(), directive]).output.split()

    def _where(self) -> list[str]:
        return [] if self.root == Path("/") else ["--config", str(self.path("/etc/pacman.conf"))]

    def run(self, *arguments: str, success: Sequence[int] = (0,)) -> Result:
        """Run pacman. Raises :class:`PackageError`."""
        root = [] if self.root == Path("/") else ["--sysroot", str(self.root)]
        command = ["pacman", *root, "--noconfirm", "--color=never", *arguments]
        with _ONE_AT_A_TIME:
            result = run_manager(command, success=range(256))
        if result.status not in success:
            raise explain_failure(result)
        return result

    def wait_for_lock(self) -> None:
        """Wait while another pacman works. Its lock is a file, which a killed one leaves: then it is removed."""
        if _ONE_AT_A_TIME.locked():
            return  # it is ours
        lock = self.database / "db.lck"
        deadline = time.monotonic() + _LOCK_SECONDS
        while lock.exists() and os.geteuid() == 0:
            if not is_running("pacman"):
                with contextlib.suppress(FileNotFoundError):
                    lock.unlink()
            elif time.monotonic() > deadline:
                return  # pacman says it
            else:
                time.sleep(0.2)


def explain_failure(result: Result) -> PackageError:
    """The error that says what pacman's words mean for the user."""
    said = f"{result.errors}\n{result.output}"
    if _CONFLICT.search(said):
        reasons = [line[3:] for line in said.splitlines() if line.startswith(":: ") and "?" not in line]
        reasons += [line for line in said.splitlines() if "exists in filesystem" in line or "exists in both" in line]
        lines = list(dict.fromkeys([*essence(result).split("\n  "), *reasons]))
        return PackageConflictError(
            "\n  ".join(["the packages do not fit together:", *lines[:12]]), hint="see `pacman -Dk` and `pacman -Qi`"
        )
    if _UNKNOWN.search(said):
        return PackageNotFoundError(essence(result), hint="run `pacman -Sy` if the package lists are old")
    return explain(result)
