"""Package files that are kept for a way back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from system_manager.activation.change import Machine
from system_manager.activation.package_changes import InstallPackages, Moved, Wanted
from system_manager.activation.package_files import with_package_files
from system_manager.base.events import NullObserver
from system_manager.host.packages import PackageAction
from system_manager.host.root import Root
from tests.host.apt_root import AptRoot


def test_they_are_on_disk_before_anything_is_changed(apt: AptRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    package = apt.add("hello", files={"/usr/bin/hello": "#!/bin/sh\n"})
    apt.update()
    flushed = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    machine = Machine(Root(str(apt.root)), observer=NullObserver(), find_packages=lambda _root: apt.manager)
    install = InstallPackages(
        (Wanted("hello", "1.0", "all"),), (Moved(PackageAction.INSTALL, "hello", None, "1.0", "all"),), (), ()
    )
    (completed,) = with_package_files(machine, [install])
    assert isinstance(completed, InstallPackages)
    (kept,) = (apt.path(str(one.file)) for one in completed.wanted)
    assert kept.read_bytes() == package.read_bytes()
    assert kept in flushed
    assert kept.parent in flushed[flushed.index(kept) :]
