"""Package files that a way back needs: ``/var/lib/system-manager/packages``.

The store has the files of the packages that a configuration asks for, since they belong to it. What came along as
a dependency, and what was on the machine before, belongs to the machine: which packages these are depends on what
it had. Their files are kept here before anything is changed, so that going back needs no archive.

``index.json`` says which toplevel had which packages on this machine, and which the next boot is to bring. What is
mentioned by neither it nor a generation that still exists is deleted.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from system_manager.activation.change import Machine, Record
from system_manager.activation.generation_changes import profile_of
from system_manager.activation.journal import AnyChange
from system_manager.activation.package_changes import InstallPackages, Moved, RemovePackages, Wanted
from system_manager.activation.state import DIRECTORY, OwnedPackage, State, make_directories
from system_manager.base.events import Notice
from system_manager.base.files import Mode, write_atomically
from system_manager.host.files import make_durable
from system_manager.host.packages import PackageError, PackageManager
from system_manager.host.root import Root

PACKAGES_DIRECTORY = f"{DIRECTORY}/packages"
_INDEX = f"{PACKAGES_DIRECTORY}/index.json"


class _Prepared(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the boot that changes to ``toplevel`` needs no archive for.

    :ivar packages: what will be ours then; None when the boot installs nothing.
    :ivar files: what is kept for it, old versions included.
    """

    toplevel: str
    packages: dict[str, OwnedPackage] | None = None
    files: tuple[str, ...] = ()


class _Index(msgspec.Struct, omit_defaults=True):
    """``files``: where the file of ``name version architecture`` is; ``toplevels``: what was installed for each."""

    files: dict[str, str] = {}
    toplevels: dict[str, dict[str, OwnedPackage]] = {}
    prepared: _Prepared | None = None


def _read(root: Root) -> _Index:
    try:
        with open(root.join(_INDEX), "rb") as file:
            return msgspec.json.decode(file.read(), type=_Index)
    except (OSError, msgspec.MsgspecError):
        return _Index()  # without it the archive is asked


def _write(root: Root, index: _Index) -> None:
    _make_directory(root)
    write_atomically(root.join(_INDEX), msgspec.json.encode(index), mode=Mode(0o644))


def _make_directory(root: Root) -> str:
    make_directories(root)
    directory = root.join(PACKAGES_DIRECTORY)
    os.makedirs(directory, mode=0o755, exist_ok=True)
    return directory


def recall(root: Root, toplevel: str | None) -> dict[str, OwnedPackage] | None:
    """What was installed on this machine when a toplevel was active here the last time, or is to be after the boot.

    None if it never was.
    """
    if toplevel is None:
        return None
    index = _read(root)
    if index.prepared is not None and index.prepared.toplevel == toplevel and index.prepared.packages is not None:
        return index.prepared.packages
    return index.toplevels.get(toplevel)


def prepare(machine: Machine, toplevel: str, changes: Sequence[AnyChange], owned: Mapping[str, OwnedPackage]) -> None:
    """Keep every package file that ``changes`` will need, so that a boot without a network can make them.

    The versions that were chosen now are what will be installed, whatever the archives offer by then.

    :param owned: which packages are ours now.
    :raises PackageError: as :func:`with_package_files`. :raises OSError: when nothing can be written.
    """
    completed = [
        one for one in with_package_files(machine, changes) if isinstance(one, InstallPackages | RemovePackages)
    ]
    index = _read(machine.root)
    if not completed:
        if index.prepared is not None:
            index.prepared = None
            _write(machine.root, index)
        return
    after, installs = dict(owned), False
    for change in completed:
        if isinstance(change, InstallPackages) and not change.restores:
            change.note(after, change.moved)
            installs = True
        else:
            for moved in change.moved:
                after.pop(moved.name, None)
    needed = (file for change in completed for file in change.package_files())
    index.prepared = _Prepared(toplevel, after if installs else None, tuple(dict.fromkeys(needed)))
    _write(machine.root, index)


def remember(root: Root, record: Record) -> None:
    """Write down what is installed for the toplevel that becomes active."""
    if record.toplevel is None:
        return
    index = _read(root)
    if not record.packages and not index.toplevels:
        return  # there never were any
    if index.toplevels.get(record.toplevel) != record.packages:
        index.toplevels[record.toplevel] = dict(record.packages)
        _write(root, index)


def forget_unneeded(root: Root, state: State) -> None:
    """Delete the files that neither the state nor a generation has any use for."""
    if not os.path.isdir(root.join(PACKAGES_DIRECTORY)):
        return
    index = _read(root)
    profile = profile_of(root)
    known = {generation.toplevel for generation in profile.generations()} | {state.toplevel}
    index.toplevels = {toplevel: packages for toplevel, packages in index.toplevels.items() if toplevel in known}
    needed = {file for packages in (*index.toplevels.values(), state.packages) for file in _files(packages.values())}
    if index.prepared is not None:
        if state.at_boot is not None and state.at_boot.toplevel == index.prepared.toplevel:
            needed |= set(index.prepared.files)
        else:
            index.prepared = None
    index.files = {key: file for key, file in index.files.items() if file in needed}
    _write(root, index)
    for name in os.listdir(root.join(PACKAGES_DIRECTORY)):
        if name != "index.json" and f"{PACKAGES_DIRECTORY}/{name}" not in needed:
            _remove(root.join(f"{PACKAGES_DIRECTORY}/{name}"))


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):  # where a run was fetching that was killed
        import shutil

        shutil.rmtree(path)
    else:
        os.unlink(path)


def _files(packages: Iterable[OwnedPackage]) -> Iterable[str]:
    for package in packages:
        for file in (package.file, package.original.file if package.original is not None else None):
            if file is not None:
                yield file


def with_package_files(machine: Machine, changes: Sequence[AnyChange]) -> list[AnyChange]:
    """The same changes, with every package file at hand that they and their way back need; downloads what is not.

    Raises :class:`~system_manager.host.packages.PackageError` when a new version cannot be had. That an old one cannot
    is only said, since otherwise nothing could ever be upgraded.
    """
    if not any(isinstance(one, InstallPackages | RemovePackages) for one in changes) or machine.packages is None:
        return list(changes)
    keeper = _Keeper(machine, machine.packages)
    completed: list[AnyChange] = []
    for change in changes:
        if isinstance(change, InstallPackages):
            completed.append(keeper.complete(change))
        elif isinstance(change, RemovePackages):
            completed.append(keeper.complete_removal(change))
        else:
            completed.append(change)
    return completed


class _Keeper:
    def __init__(self, machine: Machine, manager: PackageManager) -> None:
        self._machine = machine
        self._manager = manager
        self._index = _read(machine.root)

    def complete(self, change: InstallPackages) -> InstallPackages:
        asked = {wanted.name for wanted in change.wanted}
        along = [
            Wanted(moved.name, moved.new, moved.architecture, automatic=True)
            for moved in change.moved
            if moved.new is not None and moved.name not in asked
        ]
        find = self._with_file_if_possible if change.restores else self._with_file
        wanted = tuple(find(each) for each in (*change.wanted, *along))
        return msgspec.structs.replace(change, wanted=wanted, files=self._old(change.moved, change.files))

    def complete_removal(self, change: RemovePackages) -> RemovePackages:
        return msgspec.structs.replace(change, files=self._old(change.moved, change.files))

    def _with_file(self, wanted: Wanted) -> Wanted:
        if wanted.file is not None and os.path.exists(self._machine.root.real(wanted.file)):
            return wanted
        return msgspec.structs.replace(wanted, file=self._keep(wanted))

    def _with_file_if_possible(self, wanted: Wanted) -> Wanted:
        try:
            return self._with_file(wanted)
        except (PackageError, OSError):
            self._machine.observer.notify(
                Notice(f"{wanted.name} {wanted.version} is in no archive any more: there is no way back to it")
            )
            return msgspec.structs.replace(wanted, file=None)

    def _old(self, moved: Iterable[Moved], files: Iterable[Wanted]) -> tuple[Wanted, ...]:
        found = {(file.name, file.version): file for file in files}
        installed = self._manager.installed(each.name for each in moved)
        for each in moved:
            if each.old is None:
                continue
            known = found.get((each.name, each.old))
            there = installed.get(each.name)
            old = known or Wanted(
                each.name,
                each.old,
                there.architecture if there is not None else "",
                automatic=there is not None and there.automatic,
            )
            found[each.name, each.old] = self._with_file_if_possible(old)
        return tuple(file for file in found.values() if file.file is not None)

    def _keep(self, wanted: Wanted) -> str:
        """The kept file of a package; downloaded if it is not there yet."""
        import tempfile
        from pathlib import Path

        from system_manager.host.package_files import sha256_of

        key = f"{wanted.name} {wanted.version} {wanted.architecture}"
        known = self._index.files.get(key)
        if known is not None and os.path.exists(self._machine.root.join(known)):
            return known
        directory = _make_directory(self._machine.root)
        self._machine.observer.notify(Notice(f"fetching {wanted.name} {wanted.version}"))
        with tempfile.TemporaryDirectory(dir=directory, prefix=".new-") as place:
            os.chmod(place, 0o755)  # noqa: S103  (package managers may download as another user)
            file = self._manager.fetch(wanted.name, wanted.version, wanted.architecture, Path(place))
            digest = sha256_of(file)
            if wanted.sha256 and digest != wanted.sha256:
                raise PackageError(f"{wanted.name} {wanted.version} has the hash {digest} instead of {wanted.sha256}")
            file.chmod(0o644)
            kept = f"{PACKAGES_DIRECTORY}/{digest[:32]}-{file.name}"
            os.replace(file, self._machine.root.join(kept))
        # Taking packages back after a power cut needs all of it.
        make_durable([self._machine.root.join(kept)], {directory})
        self._index.files[key] = kept
        with contextlib.suppress(OSError):  # it would be downloaded again
            _write(self._machine.root, self._index)
        return kept
