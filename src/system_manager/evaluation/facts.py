"""What an evaluation found outside the program, so that it can be asked later whether all of it still holds.

Facts about files are kept with the file's signature (size, times, inode): as long as that is the same the file is
not read again. A file that was changed less than a second before it was looked at has no signature, since a
later change could leave the very same one.
"""

from __future__ import annotations

import os
import stat
import time

from system_manager.base.digests import content_digest, file_digest
from system_manager.base.enumerations import Enum
from system_manager.base.records import field, record
from system_manager.base.type_hints import Any, Callable, TypeAlias
from system_manager.store.paths import StorePath

Signature: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of metadata in nanoseconds."""

_SETTLED_NANOSECONDS = 10**9


class NodeKind(Enum):
    """What a path is, links not followed; the values are those of ``builtins.readFileType``."""

    REGULAR = "regular"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    UNKNOWN = "unknown"
    MISSING = "missing"


@record(frozen=True)
class Node:
    """A path is of this kind; ``target`` is a link's text."""

    kind: NodeKind
    target: str | None = None


def look_at(real_path: str) -> Node:
    """See what a path is. Raises OSError unless it is there or clearly is not."""
    try:
        mode = os.lstat(real_path).st_mode
        if stat.S_ISLNK(mode):
            return Node(NodeKind.SYMLINK, os.readlink(real_path))
    except (FileNotFoundError, NotADirectoryError):
        return Node(NodeKind.MISSING)
    if stat.S_ISREG(mode):
        return Node(NodeKind.REGULAR)
    return Node(NodeKind.DIRECTORY if stat.S_ISDIR(mode) else NodeKind.UNKNOWN)


@record(frozen=True)
class Content:
    """A file's bytes, or a directory's entries, have this digest, see :mod:`~system_manager.base.digests`."""

    digest: str
    signature: Signature | None


@record()
class Facts:
    """Everything that one evaluation found. Paths are real ones, names are those of variables and packages.

    ``objects`` are store paths: None for those that are not valid, else the hash of their archive (``sha256-…``), or
    the empty string where nobody asked what they refer to.

    ``volatile`` says why the result must not be kept at all, e.g. because the time was asked for.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    files: dict[str, Content] = field(default_factory=dict)
    listings: dict[str, Content] = field(default_factory=dict)
    tree_files: dict[str, Content] = field(default_factory=dict)
    objects: dict[StorePath, str | None] = field(default_factory=dict)
    environment: dict[str, str | None] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    package_names: str | None = None
    package_index: str | None = None
    volatile: str | None = None

    def add_node(self, real_path: str) -> Node:
        """Look at a path, once."""
        node = self.nodes.get(real_path)
        if node is None:
            node = self.nodes[real_path] = look_at(real_path)
        return node

    def add_file(self, real_path: str) -> bytes:
        """Read a file and remember its content. Raises OSError."""
        data, content = read_file(real_path)
        self._add_content(self.files, real_path, content)
        return data

    def add_listing(self, real_path: str) -> dict[str, NodeKind]:
        """Read a directory and remember its entries. Raises OSError."""
        entries, content = read_listing(real_path)
        self._add_content(self.listings, real_path, content)
        return entries

    def add_tree_node(self, real_path: str, kind: str) -> None:
        """Remember one entry of a tree that is copied to the store. Raises OSError."""
        if kind == NodeKind.DIRECTORY.value:
            self.add_listing(real_path)
        elif kind == NodeKind.REGULAR.value:
            self._add_content(self.tree_files, real_path, digest_file(real_path))
        else:
            self.add_node(real_path)

    def add_object(self, path: StorePath, valid: bool) -> bool:
        """Remember whether the store has this path, and give that back."""
        self.objects.setdefault(path, "" if valid else None)
        return valid

    def add_object_content(self, path: StorePath, archive_hash: str) -> None:
        """Remember what a valid path contains, and so what it refers to."""
        self.objects[path] = archive_hash

    def add_made_object(self, path: StorePath) -> None:
        """Remember a path that the evaluation has put into the store: its result means nothing without it."""
        self.objects[path] = ""

    def add_all(self, others: Facts) -> None:
        """Remember what another evaluation of the same found, too."""
        for mine, theirs in (
            (self.nodes, others.nodes),
            (self.objects, others.objects),
            (self.environment, others.environment),
        ):
            self._add_equal(mine, theirs)
        for known, found in (
            (self.files, others.files),
            (self.listings, others.listings),
            (self.tree_files, others.tree_files),
        ):
            for path, content in found.items():
                self._add_content(known, path, content)
        self.volatile = self.volatile or others.volatile

    def _add_content(self, known: dict[str, Content], real_path: str, content: Content) -> None:
        before = known.setdefault(real_path, content)
        if before.digest != content.digest:
            self.volatile = f"'{real_path}' changed meanwhile"

    def _add_equal(self, mine: dict[Any, Any], theirs: dict[Any, Any]) -> None:
        for name, found in theirs.items():
            if mine.setdefault(name, found) != found:
                self.volatile = f"'{name}' changed meanwhile"

    def still_hold(self) -> bool:
        """Whether files, listings and variables are what they were. Packages and store have to be asked for theirs."""
        return (
            self.volatile is None
            and all(os.environ.get(name) == value for name, value in self.environment.items())
            and all(_same_node(path, node) for path, node in self.nodes.items())
            and all(_same_content(path, known, _file_content) for path, known in self.files.items())
            and all(_same_content(path, known, _listing_content) for path, known in self.listings.items())
            and all(_same_content(path, known, digest_file) for path, known in self.tree_files.items())
        )


def _same_node(path: str, known: Node) -> bool:
    try:
        return look_at(path) == known
    except OSError:
        return False


def _same_content(path: str, known: Content, read: Callable[[str], Content]) -> bool:
    try:
        if known.signature is not None and known.signature == _signature(os.stat(path)):
            return True
        return read(path).digest == known.digest
    except OSError:
        return False


def _file_content(real_path: str) -> Content:
    return read_file(real_path)[1]


def _listing_content(real_path: str) -> Content:
    return read_listing(real_path)[1]


def digest_file(real_path: str) -> Content:
    """What to remember of a file that is copied: its bytes, and whether it is executable."""
    now = time.time_ns()
    with open(real_path, "rb") as file:
        status = os.fstat(file.fileno())
        digest = file_digest(file)
    executable = "executable:" if status.st_mode & stat.S_IXUSR else ""
    return Content(executable + digest, _settled(_signature(status), now))


def read_file(real_path: str) -> tuple[bytes, Content]:
    """A file's bytes, and what to remember of them.

    As many bytes as the file's size says, as in Nix: none of a device or of a file that the kernel makes up.
    """
    now = time.time_ns()
    with open(real_path, "rb") as file:
        status = os.fstat(file.fileno())
        before, data = _signature(status), file.read(status.st_size)
    return data, Content(content_digest(data), _settled(before, now))


def read_listing(real_path: str) -> tuple[dict[str, NodeKind], Content]:
    """A directory's entries with their kinds, in the order of their names, and what to remember of them."""
    now = time.time_ns()
    before = _signature(os.stat(real_path))
    entries = {}
    with os.scandir(real_path) as scanned:
        for entry in sorted(scanned, key=lambda entry: os.fsencode(entry.name)):
            entries[entry.name] = _entry_kind(entry)
    text = "".join(f"{kind.value}\0{name}\0" for name, kind in entries.items())
    digest = content_digest(text.encode("utf-8", "surrogateescape"))
    return entries, Content(digest, _settled(before, now))


def _entry_kind(entry: os.DirEntry[str]) -> NodeKind:
    if entry.is_symlink():
        return NodeKind.SYMLINK
    if entry.is_dir(follow_symlinks=False):
        return NodeKind.DIRECTORY
    return NodeKind.REGULAR if entry.is_file(follow_symlinks=False) else NodeKind.UNKNOWN


def _signature(status: os.stat_result) -> Signature:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _settled(signature: Signature, now: int) -> Signature | None:
    # A clock that was set back, or a file from the future, proves nothing either.
    changed = max(signature[3], signature[4])
    return signature if changed + _SETTLED_NANOSECONDS < now else None
