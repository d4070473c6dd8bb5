"""Nix archives: the canonical serialisation of a file tree.

Contents, symbolic links, the executable bit, and nothing else: no times, owners, or other permissions. Nix
manual, "Nix Archive (NAR) format". Both directions stream and neither recurses, so neither the size nor the
depth of a tree matters.
"""

from __future__ import annotations

import os
import stat

from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Iterator, Path, Protocol
from system_manager.store.errors import InvalidNarError, StoreError
from system_manager.store.hashing import Hash, HashAlgorithm, new_hasher

PathFilter = Callable[[str, str], bool]
"""Decides whether a path goes into the archive, from its full path and its type.

The type is ``regular``, ``directory``, ``symlink`` or ``unknown``, as for ``builtins.filterSource``.
"""

_CHUNK = 1 << 18
_LONGEST_TOKEN = 4096  # PATH_MAX: nothing but file contents may be longer


def _token(data: bytes) -> bytes:
    return len(data).to_bytes(8, "little") + data + bytes(-len(data) % 8)


_OPEN = _token(b"(")
_CLOSE = _token(b")")
_MAGIC = _token(b"nix-archive-1")
_REGULAR = _OPEN + _token(b"type") + _token(b"regular")
_EXECUTABLE = _token(b"executable") + _token(b"")
_CONTENTS = _token(b"contents")
_SYMLINK = _OPEN + _token(b"type") + _token(b"symlink") + _token(b"target")
_DIRECTORY = _OPEN + _token(b"type") + _token(b"directory")
_ENTRY = _token(b"entry") + _OPEN + _token(b"name")
_NODE = _token(b"node")


@record(frozen=True)
class HashResult:
    """A hash and the number of bytes that went into it."""

    hash: Hash
    size: int


class HashSink:
    """Hashes and counts what is written to it."""

    def __init__(self, algorithm: HashAlgorithm) -> None:
        self._algorithm = algorithm
        self._hasher = new_hasher(algorithm)
        self._size = 0

    def write(self, data: bytes) -> None:
        """Take the next piece."""
        self._hasher.update(data)
        self._size += len(data)

    def result(self) -> HashResult:
        """The hash of everything so far."""
        return HashResult(Hash(self._algorithm, self._hasher.digest()), self._size)


def hash_nar(
    path: str | Path, algorithm: HashAlgorithm = HashAlgorithm.SHA256, *, accept: PathFilter | None = None
) -> HashResult:
    """Hash the archive of a file tree without writing it anywhere. Raises as :func:`write_nar`."""
    sink = HashSink(algorithm)
    write_nar(path, sink.write, accept=accept)
    return sink.result()


def hash_file(path: str | Path, algorithm: HashAlgorithm) -> HashResult:
    """Hash the bytes of a regular file."""
    sink = HashSink(algorithm)
    with open(path, "rb") as file:  # noqa: PTH123 -- importing pathlib takes longer than most programs
        while chunk := file.read(_CHUNK):
            sink.write(chunk)
    return sink.result()


def file_nar(content: bytes, *, executable: bool = False) -> bytes:
    """The archive of one regular file."""
    return b"".join((_MAGIC, _REGULAR, _EXECUTABLE if executable else b"", _CONTENTS, _token(content), _CLOSE))


def write_nar(path: str | Path, write: Callable[[bytes], object], *, accept: PathFilter | None = None) -> None:
    """Write the archive of a file tree, piece by piece.

    :param accept: leaves out the entries below ``path`` that it refuses; it is not asked about ``path`` itself.

    Raises OSError, and :class:`StoreError` for a file that is neither regular nor a directory nor a link.
    """
    top = os.fsencode(path)
    write(_MAGIC)
    open_directories: list[Iterator[tuple[bytes, bytes]]] = []
    if _write_node(top, write):
        open_directories.append(_entries(top, accept))
    while open_directories:
        entry = next(open_directories[-1], None)
        if entry is None:
            open_directories.pop()
            write(_CLOSE + _CLOSE if open_directories else _CLOSE)
            continue
        name, entry_path = entry
        write(_ENTRY + _token(name) + _NODE)
        if _write_node(entry_path, write):
            open_directories.append(_entries(entry_path, accept))
        else:
            write(_CLOSE)


def _entries(directory: bytes, accept: PathFilter | None) -> Iterator[tuple[bytes, bytes]]:
    for name in sorted(os.listdir(directory)):  # noqa: PTH208 - names as bytes, which pathlib does not give
        path = directory + b"/" + name
        if accept is None or accept(os.fsdecode(path), _type_name(path)):
            yield name, path


def _type_name(path: bytes) -> str:
    mode = os.lstat(path).st_mode
    if stat.S_ISREG(mode):
        return "regular"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "unknown"


def _write_node(path: bytes, write: Callable[[bytes], object]) -> bool:
    """Write one node whole; or only the start of a directory, and return True."""
    status = os.lstat(path)
    if stat.S_ISDIR(status.st_mode):
        write(_DIRECTORY)
        return True
    if stat.S_ISLNK(status.st_mode):
        write(_SYMLINK + _token(os.readlink(path)) + _CLOSE)  # noqa: PTH115 - the target as bytes
    elif stat.S_ISREG(status.st_mode):
        _write_regular(path, status, write)
    else:
        raise StoreError(
            f"file '{os.fsdecode(path)}' has an unsupported type",
            hint="only regular files, directories and symbolic links can be in the store",
        )
    return False


def _write_regular(path: bytes, status: os.stat_result, write: Callable[[bytes], object]) -> None:
    size = status.st_size
    head = _REGULAR + (_EXECUTABLE if status.st_mode & stat.S_IXUSR else b"") + _CONTENTS + size.to_bytes(8, "little")
    tail = bytes(-size % 8) + _CLOSE
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if size <= _CHUNK:
            content = os.read(descriptor, size) if size else b""
            if len(content) == size:
                write(head + content + tail)
                return
            raise _changed(path)
        write(head)
        left = size
        while left:
            content = os.read(descriptor, min(left, _CHUNK))
            if not content:
                raise _changed(path)
            write(content)
            left -= len(content)
        write(tail)
    finally:
        os.close(descriptor)


def _changed(path: bytes) -> StoreError:
    return StoreError(f"file '{os.fsdecode(path)}' changed while it was read", hint="try again")


class NarVisitor(Protocol):
    """Whoever is told what an archive holds, in its order. Paths are relative; the top is ``b""``."""

    def enter_directory(self, path: bytes) -> None: ...

    def leave_directory(self, path: bytes) -> None: ...

    def regular(self, path: bytes, executable: bool, size: int, content: Iterator[bytes]) -> None: ...

    def symlink(self, path: bytes, target: bytes) -> None: ...


class NullVisitor:
    """Reads everything and keeps nothing: checks that an archive is well-formed."""

    def enter_directory(self, path: bytes) -> None:
        """Ignore it."""

    def leave_directory(self, path: bytes) -> None:
        """Ignore it."""

    def regular(self, path: bytes, executable: bool, size: int, content: Iterator[bytes]) -> None:  # noqa: ARG002 -- the visitor's signature
        """Read the content and drop it."""
        for _ in content:
            pass

    def symlink(self, path: bytes, target: bytes) -> None:
        """Ignore it."""


class _Reader:
    """Reads tokens, and never more bytes than the archive has."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def exactly(self, size: int) -> bytes:
        data = self._read(size)
        if len(data) < size:
            parts = [data]
            missing = size - len(data)
            while missing:
                more = self._read(missing)
                if not more:
                    raise InvalidNarError("the Nix archive ends too early")
                parts.append(more)
                missing -= len(more)
            data = b"".join(parts)
        return data

    def size(self) -> int:
        return int.from_bytes(self.exactly(8), "little")

    def padding(self, size: int) -> None:
        if size % 8 and any(self.exactly(8 - size % 8)):
            raise InvalidNarError("the Nix archive has padding that is not zero")

    def token(self) -> bytes:
        size = self.size()
        if size > _LONGEST_TOKEN:
            raise InvalidNarError(f"the Nix archive has a string of {size} bytes where at most {_LONGEST_TOKEN} may be")
        data = self.exactly(size)
        self.padding(size)
        return data

    def expect(self, *tokens: bytes) -> None:
        for expected in tokens:
            found = self.token()
            if found != expected:
                raise InvalidNarError(
                    f"the Nix archive has '{found[:40].decode(errors='replace')}' where '{expected.decode()}' should be"
                )

    def content(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            chunk = self._read(min(left, _CHUNK))
            if not chunk:
                raise InvalidNarError("the Nix archive ends too early")
            left -= len(chunk)
            yield chunk


def read_nar(read: Callable[[int], bytes], visitor: NarVisitor) -> None:
    """Read one archive and tell the visitor what is in it.

    Trusts nothing: names that would leave the directory, repeated or unsorted names, and anything that the
    format does not allow raise :class:`InvalidNarError`. Bytes after the archive are not read.
    """
    reader = _Reader(read)
    if reader.size() != len(b"nix-archive-1") or reader.exactly(16) != _MAGIC[8:]:
        raise InvalidNarError("this is not a Nix archive")
    directories: list[tuple[bytes, bytes]] = []  # path, last name seen
    if _read_node(reader, b"", visitor):
        directories.append((b"", b""))
    while directories:
        path, last = directories[-1]
        tag = reader.token()
        if tag == b")":
            directories.pop()
            visitor.leave_directory(path)
            if directories:
                reader.expect(b")")
        elif tag == b"entry":
            reader.expect(b"(", b"name")
            name = _check_entry_name(reader.token(), last)
            directories[-1] = (path, name)
            reader.expect(b"node")
            entry = path + b"/" + name if path else name
            if _read_node(reader, entry, visitor):
                directories.append((entry, b""))
            else:
                reader.expect(b")")
        else:
            raise InvalidNarError("the Nix archive has an unknown field in a directory")


def _check_entry_name(name: bytes, last: bytes) -> bytes:
    shown = name[:80].decode(errors="replace")
    if name in (b"", b".", b"..") or b"/" in name or b"\0" in name:
        raise InvalidNarError(f"the Nix archive has a file with the name '{shown}', which is not allowed")
    if name <= last:
        raise InvalidNarError(f"the Nix archive has the name '{shown}' out of order")
    return name


def _read_node(reader: _Reader, path: bytes, visitor: NarVisitor) -> bool:
    """Read one node whole; or only the start of a directory, and return True."""
    reader.expect(b"(", b"type")
    kind = reader.token()
    if kind == b"directory":
        visitor.enter_directory(path)
        return True
    if kind == b"symlink":
        reader.expect(b"target")
        target = reader.token()
        if not target or b"\0" in target:
            raise InvalidNarError("the Nix archive has a symbolic link without a usable target")
        visitor.symlink(path, target)
        reader.expect(b")")
    elif kind == b"regular":
        _read_regular(reader, path, visitor)
    else:
        raise InvalidNarError(f"the Nix archive has a file of unknown type '{kind[:40].decode(errors='replace')}'")
    return False


def _read_regular(reader: _Reader, path: bytes, visitor: NarVisitor) -> None:
    tag = reader.token()
    executable = tag == b"executable"
    if executable:
        reader.expect(b"")
        tag = reader.token()
    if tag == b")":  # a file without contents is an empty file
        visitor.regular(path, executable, 0, iter(()))
        return
    if tag != b"contents":
        raise InvalidNarError("the Nix archive has an unknown field in a file")
    size = reader.size()
    content = reader.content(size)
    visitor.regular(path, executable, size, content)
    for _ in content:
        pass
    reader.padding(size)
    reader.expect(b")")


class _Restorer:
    """Makes the files, already with the permissions and times that the store wants."""

    def __init__(self, destination: bytes) -> None:
        self._destination = destination

    def _path(self, path: bytes) -> bytes:
        return self._destination + b"/" + path if path else self._destination

    def enter_directory(self, path: bytes) -> None:
        # mkdir, symlink and O_EXCL all refuse an existing name, so that nothing is ever followed or replaced.
        os.mkdir(self._path(path), 0o700)  # noqa: PTH102 - names as bytes

    def leave_directory(self, path: bytes) -> None:
        full = self._path(path)
        os.chmod(full, 0o555)  # noqa: PTH101, S103 - names as bytes; the resting state of the store
        os.utime(full, (1, 1))

    def regular(self, path: bytes, executable: bool, size: int, content: Iterator[bytes]) -> None:  # noqa: ARG002 -- the visitor's signature
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._path(path), flags, 0o600), "wb") as file:
            for chunk in content:
                file.write(chunk)
            file.flush()
            os.fchmod(file.fileno(), 0o555 if executable else 0o444)
            os.utime(file.fileno(), (1, 1))

    def symlink(self, path: bytes, target: bytes) -> None:
        full = self._path(path)
        os.symlink(target, full)  # noqa: PTH211 - names as bytes
        os.utime(full, (1, 1), follow_symlinks=False)


def restore_nar(read: Callable[[int], bytes], destination: str | Path) -> None:
    """Make the file tree of an archive at ``destination``, which must not exist.

    Raises :class:`InvalidNarError` or OSError and then leaves what it had made so far.
    """
    read_nar(read, _Restorer(os.fsencode(destination)))
