"""What is read before the store can be: those files are copied where all others are links.

systemd reads units, and has rules applied, before it mounts file systems. Where something is mounted at ``/nix``,
links into it lead nowhere at that time. Where SELinux is enforced, what is in the store has no label that would let
systemd read it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from system_manager.activation.mounts import mount_points
from system_manager.generation.manifest import CopyFile, File, LinkFile
from system_manager.host.labels import is_enforced
from system_manager.host.root import Root

_READ_EARLY = (
    "/etc/systemd/",
    "/etc/udev/",
    "/etc/modprobe.d/",
    "/etc/modules-load.d/",
    "/etc/sysctl.d/",
    "/etc/tmpfiles.d/",
)
_STORE = "/nix/store"


def copied_where_needed(files: Sequence[File], root: Root) -> list[File]:
    """The same files, with links into the store that are read early as copies where links would not do."""
    if not (_is_mounted(root) or is_enforced(root)):
        return list(files)
    return [_copied(file, root) if file.target.startswith(_READ_EARLY) else file for file in files]


def _copied(file: File, root: Root) -> File:
    is_text = file.source.startswith(f"{_STORE}/") and os.path.isfile(root.real(file.source))
    if not isinstance(file, LinkFile) or not is_text:
        return file
    return CopyFile(file.target, file.source, replace_existing=file.replace_existing)


def _is_mounted(root: Root) -> bool:
    """Whether the store is there only after something was mounted, be it another directory of the same disk."""
    points = mount_points()
    return any(os.path.realpath(root.join(path)) in points for path in ("/nix", _STORE))
