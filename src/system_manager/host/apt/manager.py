"""Installing and removing with apt-get(8), so that a failure is found before anything is touched."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from system_manager.base.events import Notice, Observer, Warned
from system_manager.host.apt.archive import list_archive
from system_manager.host.apt.command import AptSystem
from system_manager.host.apt.index import is_package_name
from system_manager.host.leftovers import Interrupted
from system_manager.host.package_transactions import PackageTransactions, names_of_removed
from system_manager.host.packages import (
    ArchiveEntry,
    DownloadError,
    InstalledPackage,
    PackageAction,
    PackageChange,
    PackageError,
    PackageNotFoundError,
    RequestedPackage,
)

_LOCK_SECONDS = 120
_OPTIONS = (
    "--assume-yes",
    "--no-install-recommends",
    "--option=APT::Get::AutomaticRemove=false",
    f"--option=DPkg::Lock::Timeout={_LOCK_SECONDS}",
    "--option=Dpkg::Use-Pty=0",
    # An edited configuration file is kept; an untouched one follows the package.
    "--option=DPkg::Options::=--force-confdef",
    "--option=DPkg::Options::=--force-confold",
)
_QUERY = "${Package}\t${Version}\t${Architecture}\t${db:Status-Want}\t${db:Status-Status}\n"
_UNFINISHED = frozenset({"half-installed", "unpacked", "half-configured"})
_PACKAGE = re.compile(r"^Package: (\S+)", re.MULTILINE)
_STEP = re.compile(r"^(Inst|Remv|Purg) (\S+)(?: \[([^\]]+)\])?(?: \((\S+)[^\[\n]*(?:\[([^\]]+)\])?\))?", re.MULTILINE)


class AptManager(PackageTransactions):
    """The :class:`~system_manager.host.packages.PackageManager` of Debian and its children."""

    asks_policy = True
    unhold = "apt-mark unhold"
    finish = "dpkg --configure -a"

    def __init__(self, system: AptSystem) -> None:
        super().__init__(system.root)
        self._system = system

    def installed(self, names: Iterable[str]) -> Mapping[str, InstalledPackage]:
        """Ask dpkg; a package that is half installed or only left its configuration is not installed."""
        rows = [row for row in self._query(names) if row[4] == "installed"]
        if not rows:
            return {}
        automatic = self._automatic()
        return {
            name: InstalledPackage(name, version, architecture, automatic=name in automatic, held=want == "hold")
            for name, version, architecture, want, _ in rows
        }

    def _automatic(self) -> set[str]:
        """Packages that came as dependencies: what ``apt-mark showauto`` prints, without its loading all lists."""
        try:
            text = self._system.path("/var/lib/apt/extended_states").read_text(errors="replace")
        except OSError:
            return set()
        stanzas = text.split("\n\n")
        return {match[1] for stanza in stanzas if "Auto-Installed: 1" in stanza and (match := _PACKAGE.search(stanza))}

    def _query(self, names: Iterable[str]) -> list[list[str]]:
        """Name, version, architecture, wish and status of what dpkg knows of these."""
        wanted = [name for name in dict.fromkeys(names) if is_package_name(name)]
        if not wanted:
            return []
        options = ("--show", f"--showformat={_QUERY}")
        # 1: some are unknown to dpkg.
        output = self._system.dpkg("dpkg-query", *options, "--", *wanted, success=(0, 1)).output
        return [line.split("\t") for line in output.splitlines()]

    def fetch(self, name: str, version: str, architecture: str, directory: Path) -> Path:
        """``apt-get download``. Root is not needed."""
        if not is_package_name(name):
            raise PackageNotFoundError(f"'{name}' cannot be the name of a package")
        package = name if architecture in {"", "all"} or ":" in name else f"{name}:{architecture}"
        with tempfile.TemporaryDirectory(dir=directory, prefix=".download-") as place:
            self._system.apt("apt-get", "download", "--", f"{package}={version}", directory=Path(place))
            files = list(Path(place).glob("*.deb"))
            if len(files) != 1:
                raise DownloadError(f"apt-get fetched {len(files)} files for {package} {version} instead of one")
            return files[0].rename(directory / files[0].name)

    def entries(self, file: Path) -> tuple[ArchiveEntry, ...]:
        """What dpkg-deb lists."""
        return list_archive(file)

    def mark(self, names: Sequence[str], *, automatic: bool) -> None:
        """``apt-mark``."""
        if names:
            self._system.apt("apt-mark", "auto" if automatic else "manual", "--", *names)

    def _present(self, names: Iterable[str]) -> list[str]:
        # Half-installed packages are to be removed too.
        return [row[0] for row in self._query(names) if row[4] not in {"not-installed", "config-files"}]

    def _plan_installation(
        self, packages: Sequence[RequestedPackage], leaving: Sequence[str] = ()
    ) -> list[PackageChange]:
        return self._plan("install", *self._arguments(packages), *(f"{name}-" for name in leaving))

    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        return self._plan("remove", *names)

    def _run_installation(self, packages: Sequence[RequestedPackage], changes: Sequence[PackageChange]) -> None:
        """Download everything first, then install in one run of dpkg."""
        removed = names_of_removed(changes)
        arguments = [*self._arguments(packages), *(f"{name}-" for name in removed)]
        options = ["--allow-downgrades", *([] if removed else ["--no-remove"])]
        self._get((*options, "--download-only"), "install", arguments)
        if self._leftovers.was_cleared([change.name for change in changes if change.action is PackageAction.INSTALL]):
            # Their untouched configuration files were deleted by us, which dpkg takes for the user's wish.
            options.append("--option=DPkg::Options::=--force-confmiss")
        self._get(options, "install", arguments)

    def _run_removal(self, names: Sequence[str]) -> None:
        self._get((), "remove", names)

    def _configuration_of(self, names: Sequence[str]) -> set[str]:
        output = self._system.dpkg("dpkg-query", "--listfiles", "--", *names, success=(0, 1)).output
        return {line for line in output.splitlines() if line.startswith("/etc/")}

    def _is_in_disorder(self) -> bool:
        return bool(self._system.dpkg("dpkg", "--audit", success=(0, 1)).output.strip())

    def _unfinished(self) -> Mapping[str, str]:
        output = self._system.dpkg("dpkg-query", "--show", "--showformat=${Package}\t${db:Status-Status}\n").output
        rows = [line.split("\t") for line in output.splitlines()]
        return {name: status for name, status in rows if status in _UNFINISHED}

    def _finish_interrupted(self, interrupted: Interrupted, observer: Observer) -> None:
        """Unpack what was half unpacked entirely, and configure what waits for it; what fails is reported.

        Then it can be removed, or replaced by the version before, as a whole.
        """
        if not self._is_in_disorder():
            return
        observer.notify(Notice("finishing an interrupted installation of packages"))
        half = self._half_installed({*interrupted.names, *interrupted.files})
        files = [str(interrupted.files[name]) for name in half if name in interrupted.files]
        with self._guard(frozenset()).closed():
            if files:
                self._repair(observer, "--force-depends", "--install", "--", *files)
            self._repair(observer, "--configure", "--pending")
            for name in self._half_installed(interrupted.names):
                # Nothing but a new copy would do for apt; this one was not there before.
                self._repair(observer, "--force-remove-reinstreq", "--remove", "--", name)

    def _repair(self, observer: Observer, *arguments: str) -> None:
        try:
            self._system.dpkg("dpkg", "--force-confdef", "--force-confold", *arguments)
        except PackageError as error:  # the caller goes on to replace or remove what cannot be repaired
            observer.notify(Warned(error.what))

    def _half_installed(self, names: Iterable[str]) -> list[str]:
        return [row[0] for row in self._query(sorted(names)) if row[4] == "half-installed"]

    def _arguments(self, packages: Sequence[RequestedPackage]) -> list[str]:
        arguments = []
        for package in packages:
            if not is_package_name(package.name):
                raise PackageNotFoundError(f"'{package.name}' cannot be the name of a package")
            if package.file is not None and package.file.suffix == ".deb" and package.file.exists():
                arguments.append(str(package.file.absolute()))
            else:
                arguments.append(f"{package.name}={package.version}")
        return arguments

    def _get(self, options: Iterable[str], verb: str, arguments: Iterable[str]) -> str:
        return self._system.apt("apt-get", *_OPTIONS, *options, verb, "--", *arguments).output

    def _plan(self, verb: str, *arguments: str) -> list[PackageChange]:
        output = self._get(("--simulate", "--allow-downgrades"), verb, arguments)
        changes = []
        for step, name, old, new, architecture in _STEP.findall(output):
            if step != "Inst":
                changes.append(PackageChange(PackageAction.REMOVE, name, old or None, None))
            elif old != new:
                changes.append(PackageChange(self._direction(old, new), name, old or None, new, architecture))
        return changes

    def _direction(self, old: str, new: str) -> PackageAction:
        if not old:
            return PackageAction.INSTALL
        newer = self._system.dpkg("dpkg", "--compare-versions", new, "gt", old, success=(0, 1)).status == 0
        return PackageAction.UPGRADE if newer else PackageAction.DOWNGRADE
