"""Installing and removing with apt-get(8), so that a failure is found before anything is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from system_manager.base.events import Notice, Observer, Warned
from system_manager.host.apt.command import AptSystem
from system_manager.host.apt.index import is_package_name
from system_manager.host.apt.leftovers import Leftovers
from system_manager.host.apt.service_guard import ServiceGuard
from system_manager.host.packages import (
    InstalledPackage,
    PackageAction,
    PackageChange,
    PackageConflictError,
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
_PACKAGE = re.compile(r"^Package: (\S+)", re.MULTILINE)
_STEP = re.compile(r"^(Inst|Remv|Purg) (\S+)(?: \[([^\]]+)\])?(?: \((\S+) .*\))?", re.MULTILINE)


class AptManager:
    """The :class:`~system_manager.host.packages.PackageManager` of Debian and its children."""

    def __init__(self, system: AptSystem) -> None:
        self._system = system
        self._leftovers = Leftovers(system)

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

    def simulate(self, install: Sequence[RequestedPackage], remove: Sequence[str] = ()) -> tuple[PackageChange, ...]:
        """Let apt-get plan; nothing is downloaded, and root is not needed."""
        changes: list[PackageChange] = []
        if install:
            changes += self._plan("install", *self._arguments(install))
            removed = [change.name for change in changes if change.action is PackageAction.REMOVE]
            if removed:
                raise PackageConflictError(
                    f"installing {_names(install)} would remove {', '.join(removed)}",
                    hint="remove those packages by hand first, if that is meant",
                )
        if remove:
            changes += self._plan_removal(remove)
        return tuple(changes)

    def install(
        self, packages: Sequence[RequestedPackage], *, managed_units: frozenset[str], observer: Observer
    ) -> tuple[PackageChange, ...]:
        """Download everything first, then install in one run of dpkg."""
        missing = self._missing(packages)
        if not missing:
            return ()
        self._refuse_held(missing)
        changes = self.simulate(missing)
        self._get(("--download-only", "--allow-downgrades", "--no-remove"), "install", self._arguments(missing))
        for change in changes:
            observer.notify(Notice(_describe(change)))
        options = ["--allow-downgrades", "--no-remove"]
        if self._left_configuration(changes):
            # Their untouched configuration files were deleted by us, which dpkg takes for the user's wish.
            options.append("--option=DPkg::Options::=--force-confmiss")
        with ServiceGuard(self._system, managed_units).closed(), self._leftovers.recording(changes):
            self._get(options, "install", self._arguments(missing))
        still = self._missing(missing)
        if still:
            raise PackageError(f"apt-get succeeded, but {_names(still)} is not installed in the version asked for")
        return changes

    def remove(
        self, names: Sequence[str], *, managed_units: frozenset[str], observer: Observer
    ) -> tuple[PackageChange, ...]:
        """Remove without purging: data stays, and files in /etc that the installation made and nobody edited go."""
        # Half-installed packages are to be removed too.
        present = tuple(row[0] for row in self._query(names) if row[4] not in {"not-installed", "config-files"})
        if not present:
            return ()
        changes = self._plan_removal(present)
        for change in changes:
            observer.notify(Notice(_describe(change)))
        with ServiceGuard(self._system, managed_units).closed():
            self._get((), "remove", present)
        self._leftovers.clear(present)
        return tuple(changes)

    def revert(
        self,
        changes: Sequence[PackageChange],
        files: Sequence[RequestedPackage],
        *,
        managed_units: frozenset[str],
        observer: Observer,
    ) -> None:
        """Old versions back first, then what was new away, so that dependencies hold at every step."""
        self.recover(observer)
        at_hand = {(file.name, file.version): file for file in files}
        back = [
            at_hand.get(
                (change.name, change.old_version), RequestedPackage(change.name, change.old_version, "", "", None)
            )
            for change in changes
            if change.old_version is not None
        ]
        self.install(back, managed_units=managed_units, observer=observer)
        new = [change.name for change in changes if change.old_version is None]
        self.remove(new, managed_units=managed_units, observer=observer)

    def recover(self, observer: Observer) -> None:
        """Take an abandoned guard down, then ``dpkg --configure --pending``; what fails to configure is reported."""
        guard = ServiceGuard(self._system)
        guard.recover()
        self._leftovers.recover()
        if self._system.dpkg("dpkg", "--audit", success=(0, 1)).output.strip():
            observer.notify(Notice("finishing an interrupted installation of packages"))
            with guard.closed():
                try:
                    self._system.dpkg("dpkg", "--force-confdef", "--force-confold", "--configure", "--pending")
                except PackageError as error:  # the caller goes on to replace or remove what cannot be configured
                    observer.notify(Warned(error.what))

    def _missing(self, packages: Sequence[RequestedPackage]) -> list[RequestedPackage]:
        present = self.installed(package.name for package in packages)
        return [
            package
            for package in packages
            if package.name not in present or present[package.name].version != package.version
        ]

    def _refuse_held(self, packages: Sequence[RequestedPackage]) -> None:
        present = self.installed(package.name for package in packages)
        held = [name for name, package in present.items() if package.held]
        if held:
            raise PackageConflictError(
                f"the administrator holds {', '.join(held)} at another version than the configuration wants",
                hint=f"run `apt-mark unhold {' '.join(held)}`, or refresh the package lists and evaluate again",
            )

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
        for step, name, old, new in _STEP.findall(output):
            action = PackageAction.REMOVE if step != "Inst" else self._direction(old, new)
            if old != new or step != "Inst":
                changes.append(PackageChange(action, name, old or None, new or None if step == "Inst" else None))
        return changes

    def _plan_removal(self, names: Sequence[str]) -> list[PackageChange]:
        changes = self._plan("remove", *names)
        others = [change.name for change in changes if change.name.partition(":")[0] not in names]
        if others:
            raise PackageConflictError(
                f"{', '.join(others)} would have to be removed together with {', '.join(names)}",
                hint="keep the package in the configuration, or remove what depends on it by hand",
            )
        return changes

    def _direction(self, old: str, new: str) -> PackageAction:
        if not old:
            return PackageAction.INSTALL
        newer = self._system.dpkg("dpkg", "--compare-versions", new, "gt", old, success=(0, 1)).status == 0
        return PackageAction.UPGRADE if newer else PackageAction.DOWNGRADE

    def _left_configuration(self, changes: Sequence[PackageChange]) -> bool:
        names = [change.name for change in changes if change.action is PackageAction.INSTALL]
        return self._leftovers.was_cleared(names)


def _names(packages: Sequence[RequestedPackage]) -> str:
    return ", ".join(f"{package.name} {package.version}" for package in packages)


def _describe(change: PackageChange) -> str:
    match change.action:
        case PackageAction.INSTALL:
            return f"install {change.name} {change.new_version}"
        case PackageAction.REMOVE:
            return f"remove {change.name} {change.old_version}"
        case _:
            return f"{change.action.value} {change.name} {change.old_version} to {change.new_version}"
