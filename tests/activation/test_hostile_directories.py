"""Directories of somebody else's, who puts links in the place of what root has just made or looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from system_manager.activation import attributes
from system_manager.activation.account_changes import MakeHome
from system_manager.activation.attributes import SetAttributes
from system_manager.activation.change import Change, Machine, Subject
from system_manager.activation.tmpfiles import plan_tmpfiles
from system_manager.base.events import NullObserver
from system_manager.host import files
from system_manager.host.root import Root
from tests.conftest import unavailable


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    directory = tmp_path / "root"
    directory.mkdir(mode=0o700)
    return directory


def replaced_by_link(path: str, secret: Path) -> None:
    os.rename(path, f"{path}.moved")  # noqa: PTH104 -- a method of a path is not replaced below
    Path(path).symlink_to(secret)


def replacing(function: Callable[..., object], secret: Path) -> Callable[..., object]:
    """The same function, and then somebody is quicker than whoever called it."""

    def call(path: str, *more: object) -> object:
        result = function(path, *more)
        replaced_by_link(path, secret)
        return result

    return call


def refuse(change: Change, machine: Machine) -> None:
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        change.apply(machine)


def test_a_home(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(Root(str(tmp_path)), observer=NullObserver())
    machine.transaction = "x"
    monkeypatch.setattr(os, "mkdir", replacing(os.mkdir, secret))
    refuse(MakeHome("bob", "/bob", 0o755, 1234, 1234), machine)
    assert (secret.stat().st_uid, secret.stat().st_mode & 0o777) == (0, 0o700)


def test_a_directory_that_is_repaired(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "ours"
    directory.mkdir(mode=0o777)
    seen = files.look(str(directory))
    change = SetAttributes(Subject.DIRECTORY, "/ours", "/ours", seen, "")
    monkeypatch.setattr(attributes.files, "look", replacing(files.look, secret))
    refuse(change, Machine(Root(str(tmp_path)), observer=NullObserver()))
    assert secret.stat().st_mode & 0o777 == 0o700


def test_what_rules_made_is_taken_back_where_it_was_made(tmp_path: Path) -> None:
    for name in ("etc/data", "run/data"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "var").mkdir()
    (tmp_path / "var/run").symlink_to("../run")
    (tmp_path / "srv").mkdir()
    root = Root(str(tmp_path))
    rules = "d /srv/app - alice\nf /srv/app/data\nf /var/run/new/data\n"
    change = plan_tmpfiles(["/etc/tmpfiles.d/x.conf"], [rules], root=root)
    (tmp_path / "srv/app").symlink_to("../etc")  # by alice, in the place of her directory
    (tmp_path / "run/new").mkdir()
    (tmp_path / "run/new/data").touch()
    change.revert(Machine(root, observer=NullObserver()))
    assert (tmp_path / "etc/data").exists()
    assert not (tmp_path / "run/new").exists()


def test_a_home_is_taken_back_where_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "etc/bob").mkdir(parents=True)
    (tmp_path / "alice").symlink_to("etc")
    MakeHome("bob", "/alice/bob", 0o755, 1234, 1234).revert(Machine(Root(str(tmp_path)), observer=NullObserver()))
    assert (tmp_path / "etc/bob").is_dir()
