"""What managed files are made of."""

from __future__ import annotations

import os

from system_manager.generation.manifest import File, LinkFile
from system_manager.host.root import Root

STORE = "/nix/store/"
"""What is in there never changes."""


def source_problem(file: File, root: Root) -> str | None:
    """Why a file cannot be put, as a clause; None when it can.

    Links may point to what appears later (``/run/secrets/x``), but not to a store path that is not there.
    """
    if isinstance(file, LinkFile):
        return f"its source {file.source} does not exist" if is_lost(file, root) else None
    return None if os.path.isfile(root.real(file.source)) else f"its source {file.source} is not a file"


def is_lost(file: File, root: Root) -> bool:
    """Whether a store path is missing that was there when the file was described."""
    return file.source.startswith(STORE) and not os.path.lexists(root.join(file.source))
