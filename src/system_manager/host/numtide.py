"""What numtide/system-manager leaves on a machine: its record, and the toplevels that it builds.

Its record has two formats. The present one lists paths; the one before (until 1.1.0) is a tree of directories with a
status at each. A toplevel has ``etcFiles/etcFiles.json``, with an environment of links in which every file below
``/etc`` is found under its own path, and ``services/services.json``. Both profile and root of the collector are
where ours are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.generation.manifest import (
    SCHEMA_VERSION,
    CopyFile,
    File,
    LinkFile,
    Manifest,
    PreActivationCheck,
    Unit,
    check_manifest,
)
from system_manager.host.root import Root

STATE_FILE = "/var/lib/system-manager/state/system-manager-state.json"
STATIC_LINK = "/etc/.system-manager-static"
"""Where its links led through until 1.1.0, to the environment of the generation."""

_BACKUP_SUFFIX = ".system-manager-backup"
_ETC_FILES = "etcFiles/etcFiles.json"
_SERVICES = "services/services.json"
_ASSERTIONS = "bin/preActivationAssertions"
_UNITS = "/etc/systemd/system/"
_UNIT = r"[^/]+\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)"
_MASK = "/dev/null"

_Type = TypeVar("_Type")


class NumtideError(SystemManagerError):
    """A file of numtide/system-manager's cannot be read."""


class _Record(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Service(_Record, frozen=True):
    """A unit. ``store_path`` is its file, None for one that is only masked."""

    store_path: str | None = None
    masked: bool = False


class _Paths(_Record, frozen=True):
    files: tuple[str, ...]
    backed_up_files: tuple[str, ...]


class _Tree(_Record, frozen=True):
    status: str
    path: str
    nested: dict[str, _Tree]


class _State(_Record, frozen=True):
    file_tree: _Paths
    services: dict[str, Service]


class _OldState(_Record, frozen=True):
    file_tree: _Tree
    services: dict[str, Service]


class _EtcFile(_Record, frozen=True):
    target: str
    source: str
    mode: str
    user: str = "+0"
    group: str = "+0"
    uid: int = 0
    gid: int = 0
    enable: bool = True
    replace_existing: bool = False


class _EtcFiles(_Record, frozen=True):
    entries: dict[str, _EtcFile]
    static_env: str


@record(frozen=True)
class Managed:
    """Its record.

    :ivar files: paths of files and links that it put, and where what was there before is kept (None: nothing was).
    """

    files: Mapping[str, str | None]
    services: Mapping[str, Service]


def read_record(root: Root) -> Managed | None:
    """What it manages on this machine; None when it is not installed, or was deactivated.

    :raises NumtideError: when its record makes no sense.
    """
    try:
        with open(root.join(STATE_FILE), "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NumtideError(
            f"the record of numtide/system-manager cannot be read: {error.strerror}",
            where=STATE_FILE,
            hint="run this as root",
        ) from None
    managed = _parse(data)
    return managed if managed.files or managed.services else None


def _parse(data: bytes) -> Managed:
    try:
        state = msgspec.json.decode(data, type=_State)
        plain, backed_up, services = state.file_tree.files, state.file_tree.backed_up_files, state.services
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            old = msgspec.json.decode(data, type=_OldState)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NumtideError(
                f"the record of numtide/system-manager is damaged: {error}",
                where=STATE_FILE,
                hint="move the file away to leave what it manages to itself",
            ) from None
        # Directories have a status, too; they are told apart by what is below them.
        leaves = [tree for tree in _all(old.file_tree) if not tree.nested]
        plain = tuple(tree.path for tree in leaves if tree.status == "managed")
        backed_up = tuple(tree.path for tree in leaves if tree.status == "managedWithBackup")
        services = old.services
    files: dict[str, str | None] = {path: None for path in plain if _is_possible(path)}
    files |= {path: backup_of(path) for path in backed_up if _is_possible(path)}
    return Managed(dict(sorted(files.items())), services)


def backup_of(path: str) -> str:
    """Where it keeps what was at a path before."""
    return f"{path}{_BACKUP_SUFFIX}"


def _all(tree: _Tree) -> Iterator[_Tree]:
    pending = [tree]
    while pending:
        one = pending.pop()
        yield one
        pending += one.nested.values()


def _is_possible(path: str) -> bool:
    """It only ever puts files below these; whoever could write its record could name others."""
    return path.startswith(("/etc/", "/run/")) and ".." not in path.split("/") and "\0" not in path


def is_toplevel(root: Root, toplevel: str) -> bool:
    """Whether a store path is a toplevel of its making."""
    return os.path.exists(root.join(f"{toplevel}/{_ETC_FILES}"))


def read_toplevel(root: Root, toplevel: str) -> Manifest:
    """What its engine would make of a toplevel, as a manifest. Raises :class:`SystemManagerError`."""
    etc = _read(root, f"{toplevel}/{_ETC_FILES}", _EtcFiles)
    services = _read(root, f"{toplevel}/{_SERVICES}", dict[str, Service])
    enabled = [entry for entry in etc.entries.values() if entry.enable]
    replaced = {f"/etc/{entry.target}" for entry in enabled if entry.replace_existing}
    files: dict[str, File] = {
        target: LinkFile(target, source, replace_existing=target in replaced or _is_want(target))
        for target, source in _links(root, etc.static_env)
    }
    files |= {f"/etc/{entry.target}": _copy(entry) for entry in enabled if entry.mode != "symlink"}
    masked = [name for name, service in services.items() if service.masked]
    files |= {_UNITS + name: LinkFile(_UNITS + name, _MASK, replace_existing=True) for name in masked}
    links = {file.target: file.source for file in files.values() if isinstance(file, LinkFile)}
    checks = [_ASSERTIONS] if os.path.exists(root.join(f"{toplevel}/{_ASSERTIONS}")) else []
    manifest = Manifest(
        version=SCHEMA_VERSION,
        files=tuple(files[target] for target in sorted(files)),
        units=units_of(links),
        tmpfiles=tuple(sorted(target for target in files if target.startswith("/etc/tmpfiles.d/"))),
        pre_activation_checks=tuple(PreActivationCheck("assertions", f"{toplevel}/{name}") for name in checks),
    )
    check_manifest(manifest, toplevel)
    return manifest


def _read(root: Root, path: str, kind: type[_Type]) -> _Type:
    try:
        with open(root.real(path), "rb") as file:
            return msgspec.json.decode(file.read(), type=kind)
    except OSError as error:
        raise NumtideError(f"this generation cannot be read: {error.strerror}", where=path) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NumtideError(f"this generation is not one that is known here: {error}", where=path) from None


def _links(root: Root, environment: str) -> Iterator[tuple[str, str]]:
    """Where each file of the environment belongs, and what it is in the end: its engine follows every link."""
    pending = [("/etc", environment)]
    while pending:
        target, path = pending.pop()
        final = root.resolve(path)
        if os.path.isdir(root.join(final)):
            names = sorted(os.listdir(root.join(final)))
            pending += [(f"{target}/{name}", f"{final}/{name}") for name in names]
        else:
            yield target, final


def _copy(entry: _EtcFile) -> CopyFile:
    return CopyFile(
        f"/etc/{entry.target}",
        f"{entry.source}/{entry.target}",
        entry.mode.rjust(4, "0"),
        str(entry.uid) if re.fullmatch(r"\+[0-9]+", entry.user) else entry.user,
        str(entry.gid) if re.fullmatch(r"\+[0-9]+", entry.group) else entry.group,
        entry.replace_existing,
    )


def _is_want(target: str) -> bool:
    return target.startswith(_UNITS) and re.search(r"\.(wants|requires)/", target) is not None


def units_of(links: Mapping[str, str]) -> dict[str, Unit]:
    """The units that links below ``/etc/systemd/system`` make, by name.

    :param links: text of each link by its path.
    """
    fragments: dict[str, str] = {}
    drop_ins: dict[str, list[str]] = {}
    wanted_by: dict[str, list[str]] = {}
    required_by: dict[str, list[str]] = {}
    for target, text in sorted(links.items()):
        directory, _, name = target.removeprefix(_UNITS).rpartition("/") if target.startswith(_UNITS) else ("/", "", "")
        unit, _, kind = directory.rpartition(".")
        if directory == "" and re.fullmatch(_UNIT, name):
            fragments[name] = text
        elif kind == "d" and name.endswith(".conf") and re.fullmatch(_UNIT, unit):
            drop_ins.setdefault(unit, []).append(text)
        elif kind in {"wants", "requires"} and re.fullmatch(_UNIT, name) and re.fullmatch(_UNIT, unit):
            (wanted_by if kind == "wants" else required_by).setdefault(name, []).append(unit)
    return {
        name: Unit(
            None if fragments.get(name) == _MASK else fragments.get(name),
            () if fragments.get(name) == _MASK else tuple(drop_ins.get(name, ())),
            masked=fragments.get(name) == _MASK,
            wanted_by=tuple(wanted_by.get(name, ())),
            required_by=tuple(required_by.get(name, ())),
        )
        for name in _names(fragments, drop_ins, wanted_by, required_by)
    }


def _names(*groups: Iterable[str]) -> list[str]:
    return sorted({name for group in groups for name in group})
