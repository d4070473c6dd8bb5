"""File trees as values, for tests that make them and look at them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    """A regular file."""

    content: bytes
    executable: bool = False


Tree = dict[bytes, "Tree"] | File | str
"""A directory, a file, or the target of a link. Names are bytes, as on disk."""


def make(tree: Tree, path: Path) -> None:
    """Put a tree on disk."""
    match tree:
        case str(target):
            os.symlink(target, path)  # noqa: PTH211 - pathlib would tidy the target
        case File(content, executable):
            path.write_bytes(content)
            path.chmod(0o755 if executable else 0o600)
        case directory:
            path.mkdir()
            for name, child in directory.items():
                make(child, path / os.fsdecode(name))


def look(path: Path) -> Tree:
    """The tree that is on disk."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return os.readlink(path)  # noqa: PTH115 - likewise
    if stat.S_ISDIR(status.st_mode):
        return {os.fsencode(child.name): look(child) for child in path.iterdir()}
    return File(path.read_bytes(), bool(status.st_mode & 0o100))
