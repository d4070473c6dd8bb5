"""The guard that keeps packages from enabling their services, where it is left behind or cannot do its work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from system_manager.host.service_guard import ServiceGuard

THEIRS = "/usr/lib/systemd/system/x.service"


def wants(root: Path, name: bytes) -> Path:
    directory = root / "etc/systemd/system/multi-user.target.wants"
    directory.mkdir(parents=True, exist_ok=True)
    return directory / os.fsdecode(name)


def preset(root: Path) -> Path:
    return root / "run/systemd/system-preset/00-system-manager-installation.preset"


@pytest.mark.parametrize("name", [b"a.service", b"m\xfcnchen.service", b"line\nfeed.service", "a\u2028b".encode()])
def test_of_a_killed_process_the_links_are_told_apart_by_their_names(tmp_path: Path, name: bytes) -> None:
    wants(tmp_path, name).symlink_to(THEIRS)
    child = os.fork()
    if child == 0:
        with ServiceGuard(tmp_path).closed():
            wants(tmp_path, b"new.service").symlink_to(THEIRS)
            os._exit(0)
    os.waitpid(child, 0)
    assert preset(tmp_path).exists()
    ServiceGuard(tmp_path).recover()
    assert wants(tmp_path, name).is_symlink()
    assert not wants(tmp_path, b"new.service").is_symlink()
    assert not preset(tmp_path).exists()


def test_it_is_lowered_although_a_link_cannot_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix == ".service":
            raise PermissionError("its directory is immutable")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PermissionError), ServiceGuard(tmp_path).closed():
        wants(tmp_path, b"new.service").symlink_to(THEIRS)
    assert not preset(tmp_path).exists()
