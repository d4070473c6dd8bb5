"""``generations`` lists the links of the profile."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.command import system_manager

PROFILES = "nix/var/nix/profiles/system-manager-profiles"


def _make(root: Path, *toplevels: str, current: int) -> None:
    directory = root / PROFILES
    directory.mkdir(parents=True)
    for number, toplevel in enumerate(toplevels, 1):
        link = directory / f"system-manager-{number}-link"
        link.symlink_to(toplevel)
        os.utime(link, (1_700_000_000 + number, 1_700_000_000 + number), follow_symlinks=False)
    (directory / "system-manager").symlink_to(f"system-manager-{current}-link")


def test_none(tmp_path: Path) -> None:
    completed = system_manager("generations", "--store", tmp_path, directory=tmp_path)
    assert (completed.returncode, completed.stdout) == (0, "")
    assert "no generations yet" in completed.stderr


def test_none_as_json(tmp_path: Path) -> None:
    assert system_manager("generations", "--json", "--store", tmp_path, directory=tmp_path).stdout == "[]\n"


def test_newest_first_with_the_current_one_marked(tmp_path: Path) -> None:
    _make(tmp_path, "/nix/store/a-system-manager", "/nix/store/b-system-manager", current=1)
    completed = system_manager("generations", "--store", tmp_path, directory=tmp_path, environment={"TZ": "UTC"})
    assert [line.split() for line in completed.stdout.splitlines()] == [
        ["Generation", "Made", "Toplevel"],
        ["2", "2023-11-14", "22:13:22", "/nix/store/b-system-manager"],
        ["1", "2023-11-14", "22:13:21", "current", "/nix/store/a-system-manager"],
    ]


def test_as_json(tmp_path: Path) -> None:
    _make(tmp_path, "/nix/store/a-system-manager", current=1)
    completed = system_manager(
        "--json", "generations", "--store", tmp_path, directory=tmp_path, environment={"TZ": "UTC"}
    )
    assert json.loads(completed.stdout) == [
        {
            "generation": 1,
            "date": "2023-11-14T22:13:21+00:00",
            "toplevel": "/nix/store/a-system-manager",
            "current": True,
            "toConfirm": False,
        }
    ]
