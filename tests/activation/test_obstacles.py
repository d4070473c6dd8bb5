"""What root cannot change either: said by its name, and the machine is as it was."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.activation.scenario import Run, Scenario, below, run, tree
from tests.conftest import unavailable

STATE = "/var/lib/system-manager"


def chattr(flag: str, path: Path) -> None:
    done = subprocess.run(["chattr", flag, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no attributes in this file system: {done.stderr.strip()}")


@contextlib.contextmanager
def with_flag(path: Path, flag: str) -> Iterator[None]:
    chattr(f"+{flag}", path)
    try:
        yield
    finally:
        chattr(f"-{flag}", path)


@contextlib.contextmanager
def mounted(path: Path, *options: str) -> Iterator[None]:
    done = subprocess.run(["mount", "--bind", path, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        unavailable(f"needs to mount: {done.stderr.strip()}")
    try:
        for option in options:
            subprocess.run(["mount", "-o", f"remount,bind,{option}", path], check=True)
        yield
    finally:
        subprocess.run(["umount", path], check=True)


@pytest.fixture
def machine(tmp_path: Path) -> Run:
    """On it a copy and a user are managed; the next step changes both."""
    if os.geteuid() != 0:
        unavailable("needs root")
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(
        """
        [store]
        one = "first"
        two = "second"
        [before]
        "/etc/shadow" = "root:*:1::::::\\n"
        [[step]]
        do = "activate"
        files = [{ kind = "copy", target = "/etc/d/a", source = "/nix/store/one", mode = "0644" }]
        [[step]]
        do = "activate"
        files = [{ kind = "copy", target = "/etc/d/a", source = "/nix/store/two", mode = "0644" }]
        users = { new = { group = "users" } }
        """
    )
    going = Run(Scenario(scenario), tmp_path / "machine")
    result = going.do(going.steps[0])
    assert result is not None
    assert result.exit_code == 0
    return going


def ends(going: Run, exit_code: int, what: str) -> None:
    """The second step fails with this text and changes nothing."""
    before = tree(going.root, times=True)
    result = run(going.root, *going.arguments(going.steps[1]))
    assert (result.exit_code, what in result.result["error"]["what"]) == (exit_code, True), result.text
    assert result.result["error"]["hint"]
    assert tree(going.root, times=True) == before


@pytest.mark.parametrize(
    ("path", "flag", "exit_code", "what"),
    [
        ("/etc/d/a", "i", 1, "/etc/d/a is immutable: 'chattr -i "),
        ("/etc/d/a", "a", 1, "/etc/d/a is append-only: 'chattr -a "),
        ("/etc/d", "i", 1, "a directory cannot be written to"),
        ("/etc/d", "a", 1, "a directory cannot be written to"),
        ("/etc/passwd", "i", 1, "/etc/passwd is immutable"),
        ("/etc/shadow", "i", 1, "/etc/shadow is immutable"),
        (STATE, "i", 1, "a directory cannot be written to"),
        (f"{STATE}/state.json", "i", 1, f"{STATE}/state.json is immutable"),
        ("/nix/var/nix/profiles/system-manager-profiles", "i", 1, "a directory cannot be written to"),
    ],
)
def test_attributes_of_the_file_system(path: str, flag: str, exit_code: int, what: str, machine: Run) -> None:
    with with_flag(below(machine.root, path), flag):
        ends(machine, exit_code, what)
    assert run(machine.root, *machine.arguments(machine.steps[1])).exit_code == 0


def test_a_directory_in_the_place_of_the_profile(machine: Run) -> None:
    link = below(machine.root, "/nix/var/nix/profiles/system-manager-profiles/system-manager")
    link.unlink()
    link.mkdir()
    ends(machine, 1, "system-manager-profiles/system-manager is a directory where a link belongs: move it away")
    link.rmdir()
    assert run(machine.root, *machine.arguments(machine.steps[1])).exit_code == 0


@pytest.mark.parametrize(
    ("path", "options", "exit_code", "what"),
    [
        ("/etc/d/a", (), 1, "something is mounted over /etc/d/a: 'umount "),
        ("/etc/d/a", ("ro",), 1, "something is mounted over /etc/d/a"),
        ("/etc/passwd", (), 1, "something is mounted over /etc/passwd"),
        ("/etc/passwd", ("ro",), 1, "something is mounted over /etc/passwd"),
        ("/etc/d", ("ro",), 1, "a directory cannot be written to"),
        ("/etc", ("ro",), 1, "a directory cannot be written to"),
        ("/var", ("ro",), 1, "a directory cannot be written to"),
        ("/run", ("ro",), 1, "Read-only file system"),
    ],
)
def test_mounts(path: str, options: tuple[str, ...], exit_code: int, what: str, machine: Run) -> None:
    with mounted(below(machine.root, path), *options):
        ends(machine, exit_code, what)
    assert run(machine.root, *machine.arguments(machine.steps[1])).exit_code == 0


@pytest.mark.parametrize("path", ["/etc/d", "/etc", "/var", "/var/lib/system-manager", "/nix/store"])
def test_a_mount_that_can_be_written_to_is_no_obstacle(path: str, machine: Run) -> None:
    with mounted(below(machine.root, path)):
        assert run(machine.root, *machine.arguments(machine.steps[1])).exit_code == 0
    assert below(machine.root, "/etc/d/a").read_text() == "second"


@pytest.mark.parametrize("path", ["/etc", "/etc/d", "/var"])
def test_nothing_is_left_where_mounts_divide_the_machine(path: str, machine: Run) -> None:
    """What is kept for the way back is beside the file then, and must not keep its directory."""
    with mounted(below(machine.root, path)):
        assert run(machine.root, "deactivate").exit_code == 0
        left = sorted(entry.name for entry in below(machine.root, "/etc").iterdir())
    # What is mounted somewhere cannot be removed.
    assert left == [*(["d"] if path == "/etc/d" else []), "group", "passwd", "shadow"]
    assert sorted(entry.name for entry in below(machine.root, "/etc").rglob(".*")) == []


def test_etc_is_somewhere_else(machine: Run) -> None:
    (machine.root / "srv").mkdir()
    (machine.root / "etc").rename(machine.root / "srv/etc")
    (machine.root / "etc").symlink_to("/srv/etc")
    assert run(machine.root, *machine.arguments(machine.steps[1])).exit_code == 0
    assert (machine.root / "srv/etc/d/a").read_text() == "second"
    assert "new:x:" in (machine.root / "srv/etc/passwd").read_text()
    assert run(machine.root, "status").result["drift"] == []
    assert run(machine.root, "deactivate").exit_code == 0
    assert sorted(entry.name for entry in (machine.root / "srv/etc").iterdir()) == [
        ".pwd.lock",
        "group",
        "passwd",
        "shadow",
    ]
