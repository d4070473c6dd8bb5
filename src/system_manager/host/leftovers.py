"""What installations leave in ``/etc``, so that removing the packages takes it away again.

``apt-get remove`` keeps configuration files, ``apt-get purge`` deletes them together with the data of the
service; rpm and pacman remove what the package had and leave what its scripts made. Neither is wanted when a
generation no longer needs a package: ``/etc`` should be as it was before, and databases should stay. So every path
that an installation creates below ``/etc`` is written down with what it holds, and removed with its package if
nobody has changed it since.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path, PurePosixPath

from system_manager.base.files import Mode, write_atomically
from system_manager.base.records import field, record
from system_manager.host.packages import PackageAction, PackageChange, PackageError

_STATE = "/var/lib/system-manager/package-leftovers"
_DIRECTORY = "directory"
_VERSIONS_BESIDE = frozenset({".dpkg-dist", ".dpkg-new", ".dpkg-old", ".pacnew", ".rpmnew", ".ucf-dist"})


@record()
class _Installation:
    """One run of apt: the packages of it that are still there or were cleared, and what it created."""

    packages: list[str]
    created: dict[str, str] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)


@record(frozen=True)
class Interrupted:
    """An installation that was killed.

    :ivar names: packages that were new.
    :ivar files: package files that were at hand, by name of the package.
    :ivar since: when it began, in seconds since the epoch.
    """

    names: frozenset[str]
    files: Mapping[str, Path]
    since: float


class Leftovers:
    """The record of one system, kept in ``/var/lib/system-manager/package-leftovers``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, inside: str) -> Path:
        return self._root / inside.lstrip("/")

    @contextlib.contextmanager
    def recording(
        self,
        changes: Sequence[PackageChange],
        files: Mapping[str, Path],
        configuration_of: Callable[[Sequence[str]], Set[str]],
    ) -> Iterator[None]:
        """Write down what the body creates in ``/etc``, also when it fails or is killed on the way.

        :param files: the package files at hand, by name of the package.
        :param configuration_of: the paths below ``/etc`` of installed packages.
        """
        self.recover()
        packages = [change.name.partition(":")[0] for change in changes if change.action is PackageAction.INSTALL]
        moved = [
            change.name.partition(":")[0] for change in changes if None not in {change.old_version, change.new_version}
        ]
        at_hand = {name: str(file) for name, file in files.items()}
        unedited = self._unedited() if moved else {}
        self._write("pending.json", {"packages": packages, "files": at_hand, "before": sorted(self._paths())})
        try:
            yield
            owned = configuration_of(moved) if moved else frozenset()
        except BaseException:
            self.recover()
            raise
        self._conclude(moved, owned)
        self._follow(unedited)

    def _unedited(self) -> dict[str, str]:
        """What earlier installations created and nobody changed, with its mark."""
        created = [entry for installation in self._installations() for entry in installation.created.items()]
        return {path: mark for path, mark in created if self._fingerprint(path) == mark}

    def _follow(self, unedited: Mapping[str, str]) -> None:
        """Other versions of packages brought other content of files that nobody had changed."""
        now = {path: self._fingerprint(path) for path in unedited}
        changed = {path: mark for path, mark in now.items() if mark is not None and mark != unedited[path]}
        if not changed:
            return
        installations = self._installations()
        for installation in installations:
            installation.created |= {path: mark for path, mark in changed.items() if path in installation.created}
        self._store(installations)

    def interrupted(self) -> Interrupted | None:
        """What a killed run was installing."""
        pending = self._read("pending.json")
        if not isinstance(pending, dict):
            return None
        files = {name: Path(file) for name, file in pending["files"].items()}
        since = self._file("pending.json").stat().st_mtime
        return Interrupted(frozenset(pending["packages"]), files, since)

    def recover(self) -> None:
        """Finish the record of an installation that was begun."""
        self._conclude((), frozenset())

    def _conclude(self, moved: Sequence[str], owned: Set[str]) -> None:
        """The same, where other versions of the packages ``moved`` may have created what is ``owned`` by them."""
        pending = self._read("pending.json")
        if not isinstance(pending, dict):
            return
        before = set(pending["before"])
        created = {path: mark for path in self._paths() - before if (mark := self._fingerprint(path)) is not None}
        installations = self._installations()
        for installation in installations:  # installed anew: what was cleared once is back
            installation.cleared = [name for name in installation.cleared if name not in pending["packages"]]
        theirs = {path: mark for path, mark in created.items() if _beside(path) in owned}
        installations.append(_Installation(pending["packages"], {p: m for p, m in created.items() if p not in theirs}))
        if theirs:
            installations.append(_Installation(list(moved), theirs))
        self._store(installations)
        self._file("pending.json").unlink(missing_ok=True)

    def was_cleared(self, names: Sequence[str]) -> bool:
        """Whether configuration of one of these packages was deleted by :meth:`clear` and not installed since."""
        wanted = {name.partition(":")[0] for name in names}
        return any(wanted & set(installation.cleared) for installation in self._installations())

    def clear(self, names: Sequence[str], configuration: Set[str]) -> None:
        """Delete what these packages, which are removed by now, had created and nobody changed.

        :param configuration: the paths below ``/etc`` that were the packages' own.
        """
        installations = self._installations()
        gone = set(names)
        for installation in installations:
            mine = gone & set(installation.packages)
            if not mine:
                continue
            installation.packages = [name for name in installation.packages if name not in gone]
            installation.cleared = sorted({*installation.cleared, *mine})
            doomed = set(installation.created)
            if installation.packages:
                # Who made what no package owns cannot be known for sure before the last one goes.
                doomed &= _belonging_to(configuration, installation.created)
            for path in sorted(doomed, key=len, reverse=True):
                self._delete_if_unchanged(path, installation.created[path])
                if not (installation.packages and self._path(path).is_dir()):
                    del installation.created[path]  # a directory that others still use is theirs to end
        self._store(installations)

    def _delete_if_unchanged(self, path: str, mark: str) -> None:
        real = self._path(path)
        if mark == _DIRECTORY:
            with contextlib.suppress(OSError):  # not empty, or gone
                real.rmdir()
        elif self._fingerprint(path) == mark:
            real.unlink(missing_ok=True)

    def _fingerprint(self, path: str) -> str | None:
        real = self._path(path)
        try:
            status = real.lstat()
            if stat.S_ISDIR(status.st_mode):
                return _DIRECTORY
            if stat.S_ISLNK(status.st_mode):
                return f"link:{real.readlink()}"
            if stat.S_ISREG(status.st_mode):
                return f"file:{hashlib.sha256(real.read_bytes()).hexdigest()}"
        except OSError:
            pass
        return None

    def _paths(self) -> set[str]:
        top = str(self._path("/etc"))
        found = set()
        for directory, directories, files in os.walk(top):
            inside = "/etc" + directory[len(top) :]
            found |= {f"{inside}/{name}" for name in (*directories, *files)}
        return found

    def _installations(self) -> list[_Installation]:
        stored = self._read("installations.json")
        return [_Installation(**entry) for entry in stored] if isinstance(stored, list) else []

    def _store(self, installations: list[_Installation]) -> None:
        kept = [entry for entry in installations if entry.packages or entry.cleared]
        self._write(
            "installations.json",
            [{"packages": e.packages, "created": e.created, "cleared": e.cleared} for e in kept],
        )

    def _file(self, name: str) -> Path:
        return self._path(_STATE) / name

    def _read(self, name: str) -> object:
        try:
            return json.loads(self._file(name).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise PackageError(
                f"the record of what packages have made is damaged: {error}",
                where=f"{_STATE}/{name}",
                hint="move it away; what packages made until now then stays when they go",
            ) from None

    def _write(self, name: str, content: object) -> None:
        path = self._file(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, json.dumps(content).encode(), mode=Mode(0o600))


def _beside(path: str) -> str:
    """The path of which a package manager put its own version beside what somebody edited."""
    stem, suffix = posixpath.splitext(path)
    return stem if suffix in _VERSIONS_BESIDE else path


def _belonging_to(owned: Set[str], created: Mapping[str, str]) -> set[str]:
    """What goes with these files: links to them, such as those in ``/etc/rc5.d``, and directories that hold them."""
    found = set(owned)
    for path, mark in created.items():
        if mark.startswith("link:"):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), mark.removeprefix("link:")))
            if target in owned:
                found.add(path)
    parents = {str(parent) for path in found for parent in PurePosixPath(path).parents}
    return found | {path for path, mark in created.items() if mark == _DIRECTORY and path in parents}
