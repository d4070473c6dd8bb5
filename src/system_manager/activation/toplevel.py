"""What activation reads of a toplevel: its manifest, or what stands for it in a generation that was taken over."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from system_manager.activation.state import SOFTWARE_LINK
from system_manager.base.errors import SystemManagerError
from system_manager.generation.manifest import FILE_NAME, File, LinkFile, Manifest, read_manifest
from system_manager.host import numtide
from system_manager.host.root import Root


def read_toplevel(root: Root, toplevel: str) -> Manifest:
    """The manifest of a toplevel, after checking that it is a store path."""
    if not toplevel.startswith("/nix/store/") or "/" in toplevel.removeprefix("/nix/store/").rstrip("/"):
        raise SystemManagerError(
            "this is not a store path", where=toplevel, hint="give what 'system-manager build' printed"
        )
    path = root.real(f"{toplevel}/{FILE_NAME}")
    if not os.path.exists(path):
        if not os.path.lexists(root.join(toplevel)):
            raise SystemManagerError(
                "this store path does not exist", where=toplevel, hint="it was collected; build its configuration again"
            )
        if numtide.is_toplevel(root, toplevel):
            return numtide.read_toplevel(root, toplevel)
    return read_manifest(path)


@contextlib.contextmanager
def held(root: Root, toplevel: str | None) -> Iterator[None]:
    """Keep a toplevel from being collected while the body runs: before its generation is made nothing else does, if
    whoever built it has ended. What a process has open is a root of the collector, of Nix's, too."""
    try:
        descriptor = os.open(root.real(toplevel), os.O_PATH | os.O_CLOEXEC) if toplevel is not None else None
    except OSError:  # it was read a moment ago; what comes next says that it is gone
        descriptor = None
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def wanted_files(manifest: Manifest) -> list[File]:
    """All files of a manifest, and the link to the software of the generation."""
    if manifest.path is None:
        return list(manifest.files)
    link = LinkFile(SOFTWARE_LINK, manifest.path, replace_existing=True)
    return sorted([*manifest.files, link], key=lambda file: file.target)
