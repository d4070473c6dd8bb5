"""A directory tree in memory, to be put on disk again and again: starting ``cp`` for each costs more than the copy."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Node:
    path: str  # relative to the tree
    status: os.stat_result
    content: bytes  # of a file, or the text of a link
    attributes: tuple[tuple[str, bytes], ...]


class Image:
    """What is in a directory: files, links and directories, with owners, modes, attributes and times of files."""

    def __init__(self, directory: Path) -> None:
        self._nodes: list[_Node] = []
        self._read(str(directory), "")

    def _read(self, directory: str, prefix: str) -> None:
        with os.scandir(directory) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                is_directory = stat.S_ISDIR(status.st_mode)
                content = b""
                if stat.S_ISLNK(status.st_mode):
                    content = os.fsencode(os.readlink(entry.path))
                elif stat.S_ISREG(status.st_mode):
                    content = Path(entry.path).read_bytes()
                names = os.listxattr(entry.path, follow_symlinks=False)
                attributes = tuple((name, os.getxattr(entry.path, name, follow_symlinks=False)) for name in names)
                self._nodes.append(_Node(f"{prefix}/{entry.name}", status, content, attributes))
                if is_directory:
                    self._read(entry.path, f"{prefix}/{entry.name}")

    def put(self, directory: Path) -> None:
        """Make a directory that is like the one that was read; what was there goes."""
        root = str(directory)
        if os.path.lexists(root):
            remove(root)
        os.mkdir(root)
        for node in self._nodes:
            _put(f"{root}{node.path}", node)


def _put(path: str, node: _Node) -> None:
    status = node.status
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.fsdecode(node.content), path)
        if (status.st_uid, status.st_gid) != (0, 0):
            os.lchown(path, status.st_uid, status.st_gid)
        return
    if stat.S_ISDIR(status.st_mode):
        os.mkdir(path)
    elif not stat.S_ISREG(status.st_mode):
        os.mknod(path, status.st_mode, status.st_rdev)
    else:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(descriptor, node.content)
        os.close(descriptor)
    if (status.st_uid, status.st_gid) != (0, 0):
        os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, mode)
    for name, value in node.attributes:
        os.setxattr(path, name, value)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(directory: str) -> None:
    """Remove a directory with everything in it."""
    with os.scandir(directory) as entries:
        found = list(entries)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            remove(entry.path)
        else:
            os.unlink(entry.path)
    os.rmdir(directory)
