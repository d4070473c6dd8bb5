"""Running zypper(8) on one system, and reading its XML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from system_manager.base.process import Result
from system_manager.base.records import record
from system_manager.host.package_command import explain, run_manager
from system_manager.host.packages import PackageConflictError, PackageError, PackageNotFoundError

_LOCK_SECONDS = 120
# What zypper(8) calls INF_CAP_NOT_FOUND, and the statuses that say "done, but".
_NOT_FOUND = 104
_DONE = (0, 100, 101, 102, 103, 106)
_SAME_FILE = re.compile(
    r"^File (/.*)\n +from install of\n +(\S+).*\n +conflicts with file from (?:package|install of)\n +(\S+)",
    re.MULTILINE,
)
_UNKNOWN = re.compile(r"No provider of|not found in package names|Package '.*' not found")


@record(frozen=True)
class ZypperSystem:
    """The system whose packages are meant; a ``root`` other than ``/`` has its own repositories and database."""

    root: Path = Path("/")

    def path(self, absolute: str) -> Path:
        """A path of the system, as it is reached from here."""
        return self.root / absolute.lstrip("/")

    def metadata(self) -> list[Path]:
        """The ``repomd.xml`` of every repository that was fetched."""
        return sorted(self.path("/var/cache/zypp/raw").glob("*/repodata/repomd.xml"))

    def run(self, *arguments: str, options: Sequence[str] = ()) -> Result:
        """Run zypper with the package lists as they were refreshed last. Raises :class:`PackageError`."""
        root = [] if self.root == Path("/") else ["--root", str(self.root)]
        result = run_manager(
            ["zypper", *root, "--non-interactive", "--no-refresh", *options, *arguments],
            success=range(256),
            extra_environment={"ZYPP_LOCK_TIMEOUT": str(_LOCK_SECONDS)},
        )
        if result.status not in _DONE:
            raise explain_failure(result)
        return result

    def ask(self, *arguments: str) -> ElementTree.Element:
        """Run zypper and read its XML."""
        result = self.run(*arguments, options=("--xmlout",))
        return _parse(result)


def _parse(result: Result) -> ElementTree.Element:
    try:
        # The text is zypper's own, which is trusted as much as the program.
        return ElementTree.fromstring(result.output)  # noqa: S314
    except ElementTree.ParseError as error:
        raise PackageError(f"zypper's answer cannot be read: {error}") from None


def explain_failure(result: Result) -> PackageError:
    """The error that says what zypper's words mean for the user."""
    said = f"{result.errors}\n{result.output}"
    if "Problem: " in said:
        problem = said[said.index("Problem: ") :]
        problem = problem.split("</description>")[0].split("Choose from above")[0]
        lines = [line.strip() for line in problem.splitlines() if line.strip()]
        return PackageConflictError(
            "\n  ".join(["the packages do not fit together:", *lines[:12]]),
            hint="see `zypper verify` and `zypper locks`",
        )
    taken = [f"{file} of {new} and of {old}" for file, new, old in _SAME_FILE.findall(said)]
    if taken:
        return PackageConflictError("\n  ".join(["two packages have the same file:", *taken[:12]]))
    if result.status == _NOT_FOUND or _UNKNOWN.search(said):
        found = _UNKNOWN.search(said)
        line = said[found.start() :].splitlines()[0] if found else "there is no such package"
        return PackageNotFoundError(
            re.sub(r"<[^>]*>|&apos;", "'", line).rstrip("'"), hint="run `zypper refresh` if the package lists are old"
        )
    if result.output.startswith("<?xml"):
        messages = re.findall(r'<message type="(?:error|warning)">([^<]*)</message>', result.output)
        result = Result(result.command, result.status, "", "\n".join([*messages, result.errors]))
    return explain(result)
