"""``init`` writes a configuration that works, and never over another."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import system_manager


def test_the_default_place_is_below_home(tmp_path: Path) -> None:
    completed = system_manager("init", directory=tmp_path)
    assert completed.returncode == 0
    file = tmp_path / ".config/system-manager/system.nix"
    assert str(file) in completed.stderr
    assert "environment.systemPackages" in file.read_text()


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "system.nix").write_text("{ }")
    completed = system_manager("init", "--json", ".", directory=tmp_path)
    assert json.loads(completed.stdout) == {"file": str(tmp_path / "system.nix"), "written": False}
    assert (tmp_path / "system.nix").read_text() == "{ }"


def test_the_template_parses(tmp_path: Path) -> None:
    system_manager("init", ".", directory=tmp_path)
    assert system_manager("parse", "--file", "system.nix", directory=tmp_path).returncode == 0


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    completed = system_manager("init", "/proc/somewhere", directory=tmp_path)
    assert completed.returncode == 1
    assert "cannot be written" in completed.stderr
    assert "/proc/somewhere/system.nix" in completed.stderr
    assert "system-manager init DIR" in completed.stderr
