"""Compiled code on disk, so that a program is parsed and compiled only once.

An entry is a file named by the content of the program and everything else that the code depends on. It holds
marshalled code objects, which can do anything when they run: entries are therefore only read from a directory and
from files that belong to this user and that nobody else can write, and only when their checksum is right. Whatever is
torn, foreign or of another format is ignored and replaced.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time
from zlib import crc32

from system_manager.base.digests import new_digest
from system_manager.base.type_hints import Iterable, Mapping
from system_manager.language.unit_code import KeptCode, UnitCode, UnitFacts

_MAGIC = b"system-manager code 6\n"
_CHECKSUM_SIZE = 4
_MAX_SIZE = 256 * 1024 * 1024
_MAX_UNUSED_SECONDS = 30 * 24 * 3600


class CodeCache:
    """A directory of compiled programs.

    :param directory: made with mode 0700 when something is first written to it.
    :param surroundings: what the code depends on besides programs and the compiler.
    """

    def __init__(self, directory: str | os.PathLike[str], surroundings: str) -> None:
        self._directory = os.fspath(directory)
        self._usable: bool | None = None
        self._surroundings = new_digest(_compiler_state().encode())
        self._surroundings.update(surroundings.encode())
        self._tidied = False

    def load(self, text: str, scope_names: tuple[str, ...]) -> KeptCode | None:
        """The kept units of a program, or None."""
        if not self._is_usable():
            return None
        data = _read_own_file(self._entry(text, scope_names))
        return None if data is None else _decode(data)

    def save(
        self,
        text: str,
        scope_names: tuple[str, ...],
        *,
        units: Mapping[str, UnitCode | bytes],
        facts: Mapping[str, UnitFacts | bytes],
        builtins: Iterable[str],
        variables: Iterable[str],
    ) -> None:
        """Keep what is known about a program. A cache that cannot be written is no error.

        The parameters are explained at :data:`~system_manager.language.unit_code.KeptCode`.
        """
        # Late: most runs find everything kept.
        from system_manager.base.files import Mode, write_atomically  # noqa: PLC0415

        payload = marshal.dumps(
            (
                {label: unit if isinstance(unit, bytes) else _marshalled_unit(unit) for label, unit in units.items()},
                {label: fact if isinstance(fact, bytes) else _marshalled_facts(fact) for label, fact in facts.items()},
                tuple(sorted(builtins)),
                tuple(variables),
            )
        )
        data = _MAGIC + crc32(payload).to_bytes(_CHECKSUM_SIZE, "little") + payload
        try:
            if not self._is_usable():
                os.makedirs(self._directory, mode=0o700, exist_ok=True)
                self._usable = None
            if self._is_usable():
                entry = self._entry(text, scope_names)
                write_atomically(entry, data, mode=Mode(0o600), durable=False)
                self._tidy()
        except OSError:
            self._usable = False

    def _entry(self, text: str, scope_names: tuple[str, ...]) -> str:
        """The file for a program, named by everything that its code depends on."""
        digest = self._surroundings.copy()
        digest.update(repr(scope_names).encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
        digest.update(text.encode("utf-8", "surrogateescape"))
        return f"{self._directory}/{digest.hexdigest()}"

    def _tidy(self) -> None:
        """Once per process, remove entries that were written long ago; what is still used is written again."""
        if self._tidied:
            return
        self._tidied = True
        oldest = time.time() - _MAX_UNUSED_SECONDS
        for entry in list(os.scandir(self._directory)):
            if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                try:
                    os.unlink(entry.path)
                except FileNotFoundError:
                    pass  # another process was faster

    def _is_usable(self) -> bool:
        """Whether the directory is ours alone."""
        if self._usable is None:
            try:
                found = os.lstat(self._directory)
            except OSError:
                self._usable = False
            else:
                self._usable = stat.S_ISDIR(found.st_mode) and _is_ours_alone(found)
        return self._usable


def _compiler_state() -> str:
    """What the generated code depends on besides the program: Python, and the files that compiler and runtime are."""
    here = os.path.dirname(__file__)
    files = [entry for directory in (here, f"{here}/codegen") for entry in os.scandir(directory) if entry.is_file()]
    state = sorted((entry.name, found.st_size, found.st_mtime_ns) for entry in files if (found := entry.stat()))
    return repr((sys.version, state))


def _is_ours_alone(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _read_own_file(path: str) -> bytes | None:
    """A regular file's content, if it belongs to us and nobody else can have written it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _is_ours_alone(found) or found.st_size > _MAX_SIZE:
            return None
        # Half as many system calls as a file object makes; what is read too short has a wrong checksum.
        return os.read(descriptor, found.st_size)
    finally:
        os.close(descriptor)


def _decode(data: bytes) -> KeptCode | None:
    """What an entry holds, or None if it is not whole."""
    start = len(_MAGIC) + _CHECKSUM_SIZE
    payload = memoryview(data)[start:]
    if data[:start] != _MAGIC + crc32(payload).to_bytes(_CHECKSUM_SIZE, "little"):
        return None
    # Written by ourselves: owner, mode and checksum are right. Units are decoded one by one, when they run.
    kept: KeptCode = marshal.loads(payload)  # noqa: S302
    return kept


def _marshalled_unit(unit: UnitCode) -> bytes:
    # Not one by one: what occurs in several fields is written once.
    return marshal.dumps(
        (unit.code, unit.keys, unit.names, unit.offsets, unit.paths, unit.labels, unit.data, unit.lines)
    )


def _marshalled_facts(facts: UnitFacts) -> bytes:
    layers = [(layer.offset, layer.formals, layer.parameter, layer.ellipsis) for layer in facts.layers]
    return marshal.dumps((facts.name, facts.name_offset, facts.offset, layers))
