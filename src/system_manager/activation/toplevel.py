"""The one file of a toplevel that activation reads."""

from __future__ import annotations

from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.generation.manifest import FILE_NAME, Manifest, read_manifest
from system_manager.host.root import Root


def read_toplevel(root: Root, toplevel: str) -> Manifest:
    """The manifest of a toplevel, after checking that it is a store path."""
    if not toplevel.startswith("/nix/store/") or "/" in toplevel.removeprefix("/nix/store/").rstrip("/"):
        raise SystemManagerError(
            "this is not a store path", where=toplevel, hint="give what 'system-manager build' printed"
        )
    return read_manifest(Path(root.real(f"{toplevel}/{FILE_NAME}")))
