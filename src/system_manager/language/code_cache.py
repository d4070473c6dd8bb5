"""Compiled code on disk, so that a program is parsed and compiled only once.

An entry is a file named by the content of the program and everything else that the code depends on. It holds
marshalled code objects, which can do anything when they run: entries are therefore only read from a directory and
from files that belong to this user and that nobody else can write, and only when their digest is right. Whatever is
torn, foreign or of another format is ignored and replaced.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from system_manager.base.files import Mode, write_atomically
from system_manager.language.unit_code import KnownCode, LayerFacts, UnitCode, UnitFacts

_MAGIC = b"system-manager code\n" + importlib.util.MAGIC_NUMBER
_DIGEST_SIZE = 32
_MAX_SIZE = 256 * 1024 * 1024
_MAX_UNUSED_SECONDS = 30 * 24 * 3600


class CodeCache:
    """A directory of compiled programs.

    :param directory: made with mode 0700 when something is first written to it.
    :param variant: tells ways of compiling apart.
    """

    def __init__(self, directory: Path, variant: str = "") -> None:
        self._directory = directory
        self._variant = variant
        self._usable: bool | None = None
        self._compiler = _compiler_state()
        self._tidied = False

    def load(self, text: str, scope_names: tuple[str, ...], arities: Mapping[str, int]) -> KnownCode | None:
        """The kept units of a program, or None."""
        if not self._is_usable():
            return None
        data = _read_own_file(self._directory / self._entry_name(text, scope_names, arities))
        return None if data is None else _decode(data)

    def save(self, text: str, scope_names: tuple[str, ...], arities: Mapping[str, int], known: KnownCode) -> None:
        """Keep what is known about a program. A cache that cannot be written is no error."""
        units = {label: tuple(unit) for label, unit in known.units.items()}
        facts = {label: (*fact[:3], [tuple(layer) for layer in fact.layers]) for label, fact in known.facts.items()}
        payload = marshal.dumps((units, facts))
        data = _MAGIC + hashlib.blake2b(payload, digest_size=_DIGEST_SIZE).digest() + payload
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._usable = None
            if self._is_usable():
                entry = self._directory / self._entry_name(text, scope_names, arities)
                write_atomically(entry, data, mode=Mode(0o600), durable=False)
                self._tidy()
        except OSError:
            self._usable = False

    def _entry_name(self, text: str, scope_names: tuple[str, ...], arities: Mapping[str, int]) -> str:
        """Everything that the code of a program depends on, as a file name."""
        digest = hashlib.blake2b(digest_size=20)
        for part in (self._compiler, self._variant, text, repr(scope_names), repr(sorted(arities.items()))):
            data = part.encode("utf-8", "surrogateescape")
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()

    def _tidy(self) -> None:
        """Once per process, remove entries that were written long ago; what is still used is written again."""
        if self._tidied:
            return
        self._tidied = True
        oldest = time.time() - _MAX_UNUSED_SECONDS
        for entry in list(os.scandir(self._directory)):
            if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                Path(entry.path).unlink(missing_ok=True)

    def _is_usable(self) -> bool:
        """Whether the directory is ours alone."""
        if self._usable is None:
            try:
                found = self._directory.lstat()
            except OSError:
                self._usable = False
            else:
                self._usable = stat.S_ISDIR(found.st_mode) and _is_ours_alone(found)
        return self._usable


def _compiler_state() -> str:
    """What the generated code depends on besides the program: Python, and the files that compiler and runtime are."""
    here = Path(__file__).parent
    files = [entry for directory in (here, here / "codegen") for entry in os.scandir(directory) if entry.is_file()]
    state = sorted((entry.name, found.st_size, found.st_mtime_ns) for entry in files if (found := entry.stat()))
    return repr((importlib.util.MAGIC_NUMBER, state))


def _is_ours_alone(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _read_own_file(path: Path) -> bytes | None:
    """A regular file's content, if it belongs to us and nobody else can have written it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _is_ours_alone(found) or found.st_size > _MAX_SIZE:
            return None
        return file.read()


def _decode(data: bytes) -> KnownCode | None:
    """What an entry holds, or None if it is not whole."""
    start = len(_MAGIC) + _DIGEST_SIZE
    payload = data[start:]
    if data[:start] != _MAGIC + hashlib.blake2b(payload, digest_size=_DIGEST_SIZE).digest():
        return None
    try:
        # Written by ourselves: owner, mode and digest are checked.
        units, facts = marshal.loads(payload)  # noqa: S302
        return KnownCode(
            {label: UnitCode(*fields) for label, fields in units.items()},
            {
                label: UnitFacts(name, name_offset, offset, tuple([LayerFacts(*layer) for layer in layers]))
                for label, (name, name_offset, offset, layers) in facts.items()
            },
        )
    except (EOFError, ValueError, TypeError, AttributeError):
        return None
