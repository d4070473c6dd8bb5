"""Running package managers, and what all of them say when something is wrong with the machine."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from system_manager.base.process import CommandFailedError, Result, run
from system_manager.host.packages import DownloadError, PackageError, PackageManagerBusyError

# C.UTF-8: messages are parsed; descriptions are not ASCII.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+~^:-]*")
_FULL = re.compile(r"No space left on device|not enough free disk space|[Ii]nstalling .* needs .*on the .* filesystem")
_NOT_ROOT = re.compile(r"superuser privilege|unless you are root|[Rr]oot privileges are required|Permission denied")
_CHATTER = (
    "Last metadata expiration",
    "Operation aborted",
    "Unable to detect release version",
    "warning:",
    "(try to add",
)
_UNREACHABLE = re.compile(
    r"Failed to download metadata.*|Cannot download.*|Could not resolve.*|Couldn't resolve host.*"
    r"|Specified path '.*' is not a directory.*|Valid metadata not found.*|Retrieval of .* failed.*"
    r"|failed retrieving file.*|failed to synchronize.*|File '.*' not found on medium.*|Curl error.*|Download .*error.*"
)


def is_package_name(text: str) -> bool:
    """Whether this can name a package: nothing that a program could take for an option, a path or a pattern."""
    return _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether this can be the version of a package."""
    return _VERSION.fullmatch(text) is not None


def run_manager(
    command: Sequence[str | Path],
    *,
    success: Sequence[int] = (0,),
    extra_environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Result:
    """Run a program of a package manager. Raises :class:`PackageError`, most of it by :func:`explain`."""
    try:
        return run(
            command,
            extra_environment={**ENVIRONMENT, **(extra_environment or {})},
            directory=directory,
            success=frozenset(success),
        )
    except CommandFailedError as error:
        raise explain(error.result) from error


def explain(result: Result) -> PackageError:
    """The error for what can go wrong with any package manager; what else, in its own words."""
    where = shlex.join(result.command)
    said = f"{result.errors}\n{result.output}"
    detail = essence(result)
    if result.status == 127:
        return PackageError(f"the program '{result.command[0]}' was not found", where=where, hint="install it")
    if _NOT_ROOT.search(said):
        return PackageError(f"packages can only be changed by root: {detail}", where=where, hint="run it with sudo")
    if "lock" in said and re.search(r"unable to lock database|could not lock|ystem management is locked", said):
        return PackageManagerBusyError(
            f"another package manager is running: {detail}", where=where, hint="wait until it has finished"
        )
    if _FULL.search(said):
        return PackageError(f"the disk is full: {detail}", where=where, hint="make room, then try again")
    if _UNREACHABLE.search(said):
        return DownloadError(
            f"the package archive cannot be reached: {detail}",
            where=where,
            hint="check the network and the configured repositories",
        )
    return PackageError(f"{result.command[0]} failed: {detail}", where=where)


def essence(result: Result) -> str:
    """The lines in which a package manager says what is wrong."""
    lines = [line.strip() for line in result.errors.splitlines() if line.strip() and not _is_chatter(line)]
    lines = [line.removeprefix("error: ") for line in lines]
    if not lines:
        lines = [line.strip() for line in result.output.splitlines() if line.strip()][-5:]
    return "\n  ".join(lines[:12]) or f"status {result.status}"


def _is_chatter(line: str) -> bool:
    return line.startswith(_CHATTER)


def is_running(program: str) -> bool:
    """Whether a process of this program runs, in any root."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if (directory / "comm").read_bytes().rstrip(b"\n") == os.fsencode(program):
                return True
        except OSError:
            continue
    return False
