"""Where to give a file its second name: a hard link cannot cross a mount point."""

from __future__ import annotations

import os
import re

from system_manager.activation.parents import Parents
from system_manager.activation.state import UNDO_DIRECTORY
from system_manager.base.files import shortened
from system_manager.host.root import Root

_ESCAPE = r"\\([0-7]{3})"


def parse_mount_points(text: str) -> frozenset[str]:
    """The mount points in the text of ``/proc/self/mountinfo``, see proc(5)."""
    points = set()
    for line in text.split("\n"):
        fields = line.split(" ")
        if len(fields) > 4:
            point = fields[4]
            points.add(re.sub(_ESCAPE, lambda match: chr(int(match[1], 8)), point) if "\\" in point else point)
    return frozenset(points)


def mount_points() -> frozenset[str]:
    """The mount points that this process sees; none without ``/proc``."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return parse_mount_points(file.read())
    except OSError:
        return frozenset()


class UndoPlaces:
    """Chooses the second names for one transaction.

    They are in one directory of ours where that is on the same mount, so that nothing strange is ever seen in
    ``/etc``; otherwise beside the file, with a leading dot.
    """

    def __init__(self, root: Root, transaction: str, *, prefix: str = "") -> None:
        """``prefix`` keeps the names of several planners apart."""
        self._root = root
        self._prefix = prefix
        self._transaction = transaction
        self._points: frozenset[str] | None = None
        self._mount_of: dict[str, str] = {}
        self._count = 0

    def has_mounts(self, path: str) -> bool:
        """Whether something is mounted over the logical ``path``, or below it."""
        real = f"{os.path.realpath(self._root.join(path))}/"
        return any(f"{point}/".startswith(real) for point in self._known_points())

    def place(self, path: str, parents: Parents) -> str:
        """A logical path on the mount of the logical ``path``."""
        self._count += 1
        directory, _, name = path.rpartition("/")
        mount = self._mount(directory)
        if mount == self._mount(UNDO_DIRECTORY):
            return f"{UNDO_DIRECTORY}/{self._prefix}{self._count}"
        while directory in parents.vanishing and self._mount(directory.rpartition("/")[0]) == mount:
            directory = directory.rpartition("/")[0]
        return f"{directory}/.{shortened(name)}.{self._transaction}.{self._prefix}{self._count}.old"

    def _mount(self, directory: str) -> str:
        known = self._mount_of.get(directory)
        if known is None:
            known = self._mount_of[directory] = self._find(self._root.join(directory))
        return known

    def _known_points(self) -> frozenset[str]:
        if self._points is None:
            self._points = mount_points()
        return self._points

    def _find(self, real: str) -> str:
        points = self._known_points()
        if not points:
            return real  # nothing is known: beside the file is right on any mount
        point = os.path.realpath(real)
        while point not in {"/", ""} and point not in points:
            point = os.path.dirname(point)
        return point
