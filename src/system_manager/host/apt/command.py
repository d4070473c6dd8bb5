"""Running apt and dpkg on one system, and turning what they say into errors that help."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from system_manager.base.process import CommandFailedError, Result, run
from system_manager.base.records import record, replace
from system_manager.host.packages import (
    DownloadError,
    PackageConflictError,
    PackageError,
    PackageManagerBusyError,
    PackageNotFoundError,
)

# C.UTF-8: messages are parsed; descriptions are not ASCII.
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
    "UCF_FORCE_CONFFOLD": "1",
}


@record(frozen=True)
class AptSystem:
    """The system whose packages are meant, and where apt may keep its own caches.

    ``root`` other than ``/`` is a directory with its own ``etc/apt`` and ``var/lib/dpkg``. ``cache_directory``
    holds apt's binary cache for users who may not write ``/var/cache/apt``: without one apt parses all
    package lists again for every question.
    """

    root: Path = Path("/")
    cache_directory: Path | None = None
    extra_options: tuple[str, ...] = ()

    def path(self, absolute: str) -> Path:
        """A path of the system, e.g. ``/var/lib/dpkg/status``, as it is reached from here."""
        return self.root / absolute.lstrip("/")

    def apt_options(self) -> list[str]:
        """The ``-o`` options that every apt command needs to mean this system."""
        options: list[str] = []
        if self.root != Path("/"):
            options += ["-o", f"Dir={self.root}", "-o", f"Dir::State::status={self.path('/var/lib/dpkg/status')}"]
            options += ["-o", f"DPkg::Options::=--root={self.root}"]
        if self.cache_directory is not None:
            options += ["-o", f"Dir::Cache::pkgcache={self.cache_directory}/pkgcache.bin"]
            options += ["-o", f"Dir::Cache::srcpkgcache={self.cache_directory}/srcpkgcache.bin"]
        for option in self.extra_options:
            options += ["-o", option]
        return options

    def apt(
        self, program: str, *arguments: str, directory: Path | None = None, success: Sequence[int] = (0,)
    ) -> Result:
        """Run ``apt-get``, ``apt-cache`` or ``apt-mark``. Raises :class:`PackageError`."""
        command = [program, *self.apt_options(), *arguments]
        if self.cache_directory is not None:
            with contextlib.suppress(OSError):  # apt does without
                self.cache_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return run(command, extra_environment=_ENVIRONMENT, directory=directory, success=frozenset(success))
        except CommandFailedError as error:
            if self.cache_directory is not None and _NO_ROOM_FOR_CACHE.search(error.result.errors):
                return replace(self, cache_directory=None).apt(
                    program, *arguments, directory=directory, success=success
                )
            raise explain_failure(error) from error

    def dpkg(self, program: str, *arguments: str, success: Sequence[int] = (0,)) -> Result:
        """Run ``dpkg`` or ``dpkg-query``. Raises :class:`PackageError`."""
        options = [] if self.root == Path("/") else [f"--root={self.root}"]
        if program == "dpkg":
            prefix = "DPkg::Options::="
            options += [text.removeprefix(prefix) for text in self.extra_options if text.startswith(prefix)]
        try:
            return run([program, *options, *arguments], extra_environment=_ENVIRONMENT, success=frozenset(success))
        except CommandFailedError as error:
            raise explain_failure(error) from error


_LOCKED = re.compile(r"(?:Could not get lock|Unable to acquire|Unable to lock|lock was locked by another process).*")
_UNKNOWN = re.compile(
    r"(?:Unable to locate package|Couldn't find any package by|No packages found).*|Version '.*' for '.*' was not found"
)
_UNREACHABLE = re.compile(r"Failed to fetch.*|Unable to fetch.*|Could not resolve.*|Temporary failure resolving.*")
_CORRUPT = re.compile(r"Hash Sum mismatch|File has unexpected size|changed its .* value")
_UNMET = re.compile(r"unmet dependencies|held broken packages|Packages need to be removed but remove is disabled")
_HELD = re.compile(r"Held packages were changed")
_NOT_ROOT = re.compile(r"are you root\?|requires superuser privilege|Permission denied")
_INTERRUPTED = re.compile(r"dpkg was interrupted")
_NO_ROOM_FOR_CACHE = re.compile(r"IO Error saving source cache|Failed to write temporary StateFile|saving cache")
_FULL = re.compile(r"No space left on device|don't have enough free space")


def explain_failure(failure: CommandFailedError) -> PackageError:
    """The error that says what the package manager's words mean for the user."""
    result = failure.result
    said = f"{result.errors}\n{result.output}"
    detail = _essence(result)
    where = failure.where
    if result.status == 127:
        return PackageError(
            failure.what, where=where, hint="this distribution does not use apt, or apt is not installed"
        )
    if _NOT_ROOT.search(said):
        return PackageError(f"packages can only be changed by root: {detail}", where=where, hint="run it with sudo")
    if _LOCKED.search(said):
        return PackageManagerBusyError(
            f"another package manager is running: {detail}", where=where, hint="wait until it has finished"
        )
    if _FULL.search(said):
        return PackageError(f"the disk is full: {detail}", where=where, hint="make room with `apt-get clean`")
    if _INTERRUPTED.search(said):
        return PackageError(
            "an earlier installation was interrupted", where=where, hint="run `dpkg --configure -a`, then try again"
        )
    if _UNKNOWN.search(said):
        return PackageNotFoundError(detail, where=where, hint="run `apt-get update` if the package lists are old")
    if _CORRUPT.search(said):
        return DownloadError(
            f"the archive sent something else than its index promises: {detail}",
            where=where,
            hint="run `apt-get update`, then try again",
        )
    if _UNREACHABLE.search(said):
        return DownloadError(
            f"the package archive cannot be reached: {detail}", where=where, hint="check the network and sources.list"
        )
    if _UNMET.search(said) or _HELD.search(said):
        return PackageConflictError(_conflict(result), where=where, hint="see `apt-mark showhold` and `apt-get check`")
    return PackageError(failure.what, where=where)


def _essence(result: Result) -> str:
    lines = [line[2:].strip() for line in result.errors.splitlines() if line.startswith("E: ")]
    return "; ".join(lines[:3]) or result.errors.strip()[-300:] or f"status {result.status}"


def _conflict(result: Result) -> str:
    lines = result.output.splitlines()
    start = next((i for i, line in enumerate(lines) if "unmet dependencies" in line), None)
    reasons = [] if start is None else [line.strip() for line in lines[start + 1 :] if line.startswith(" ")]
    return "\n  ".join(["the packages do not fit together: " + _essence(result), *reasons])
