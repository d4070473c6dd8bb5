"""Running dnf(8), in its fourth or fifth major version, on one system."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from pathlib import Path

from system_manager.base.process import Result
from system_manager.base.records import record
from system_manager.host.package_command import run_manager
from system_manager.host.packages import PackageConflictError, PackageError, PackageNotFoundError

_CACHES = ("/var/cache/dnf", "/var/cache/libdnf5")  # of dnf 4 and 5
_NO_CACHE = re.compile(r"[Cc]ache-only enabled but no cache|no cache for|Cache for repo.*does not exist")
_UNKNOWN = re.compile(
    r"No match for argument|Unable to find a match|No package .* available|No packages? to (?:down)?load"
)
_PROBLEM = re.compile(r"^ *Problem(?: \d+)?:", re.MULTILINE)
_EXCLUDED = re.compile(r"filtered out by (?:exclude|modular) filtering")


@record(frozen=True)
class DnfSystem:
    """The system whose packages are meant.

    :ivar root: a directory other than ``/`` has its own package database and, if there is one, ``etc/yum.repos.d``.
    :ivar cache_directory: for users who may not write dnf's own.
    """

    root: Path = Path("/")
    cache_directory: Path | None = None

    def path(self, absolute: str) -> Path:
        """A path of the system, as it is reached from here."""
        return self.root / absolute.lstrip("/")

    def metadata(self) -> list[Path]:
        """The ``repomd.xml`` of every repository that was fetched."""
        places = [self.path(cache) for cache in _CACHES] if self._own_cache() is None else [self._own_cache()]
        return sorted(file for place in places if place is not None for file in place.glob("*/repodata/repomd.xml"))

    def _own_cache(self) -> Path | None:
        return None if os.geteuid() == 0 else self.cache_directory

    def run(self, *arguments: str, success: Sequence[int] = (0,)) -> Result:
        """Run dnf. Raises :class:`PackageError`."""
        options = [] if self.root == Path("/") else [f"--installroot={self.root}"]
        cache = self._own_cache()
        if cache is not None:
            options.append(f"--setopt=cachedir={cache}")
        result = run_manager(["dnf", *options, *arguments], success=range(256))
        if result.status not in success:
            raise explain_failure(result)
        return result

    def ask(self, *arguments: str, success: Sequence[int] = (0,)) -> Result:
        """Run dnf with the package lists as they were fetched last; they are fetched if they never were."""
        try:
            return self.run("--cacheonly", *arguments, success=success)
        except PackageError as error:
            if not _NO_CACHE.search(str(error.what)):
                raise
        self.run("--quiet", "makecache")
        return self.run("--cacheonly", *arguments, success=success)

    @functools.lru_cache(maxsize=1)  # noqa: B019  (a frozen record, of which there is one)
    def is_fifth(self) -> bool:
        """Whether this is dnf 5, which has other words for some things."""
        return self.run("--version").output.startswith("dnf5")


def explain_failure(result: Result) -> PackageError:
    """The error that says what dnf's words mean for the user."""
    from system_manager.host.package_command import essence, explain

    said = f"{result.errors}\n{result.output}"
    if "No such command: download" in said or 'Unknown argument "download"' in said:
        return PackageError(
            "dnf cannot download single packages here", hint="run `dnf install 'dnf-command(download)'`"
        )
    if _PROBLEM.search(said):
        lines = said[said.index("Problem") :].splitlines()
        kept = [line.strip() for line in lines if line.strip() and not line.startswith(("(", "You can", "Operation"))]
        return PackageConflictError(
            "\n  ".join(["the packages do not fit together:", *kept[:12]]), hint="see `dnf check` and `dnf versionlock`"
        )
    if _EXCLUDED.search(said):
        return PackageConflictError(
            f"the administrator excludes or locks it: {essence(result)}",
            hint="see `excludepkgs` in /etc/dnf/dnf.conf and `dnf versionlock list`",
        )
    if _UNKNOWN.search(said):
        return PackageNotFoundError(essence(result), hint="run `dnf makecache --refresh` if the package lists are old")
    return explain(result)
