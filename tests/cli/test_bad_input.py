"""Configurations that cannot work: each is refused with what, where and what to do, and nothing is changed.

They are tried on a system below a directory (``--root``), so neither root nor a systemd is needed. What needs one is in
``tests/machine/test_trouble.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.system import make_root
from tests.support.command import system_manager

# The configuration, and texts that its message has to contain.
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "syntax error": (
        "{\n  environment.etc.motd.text = ;\n}\n",
        ("expected an expression, but found ';'", "system.nix:2:31"),
    ),
    "unclosed brace": ("{\n  environment = {\n}\n", ("system.nix:4:1", "still open")),
    "undefined variable": (
        "{ pkgs, ... }:\n{ environment.systemPackages = [ pgks.hello ]; }\n",
        ("undefined variable 'pgks'", "system.nix:2:34"),
    ),
    "unknown option": (
        '{ environment.ect.motd.text = "x"; }\n',
        ("environment.ect", "does not exist", "system.nix", "environment.etc"),
    ),
    "unknown option deep inside": (
        '{ systemd.services.a.serviceconfig.ExecStart = "/bin/true"; }\n',
        ("systemd.services.a.serviceconfig", "does not exist", "serviceConfig"),
    ),
    "wrong type": (
        "{ environment.etc.motd.text = 1; }\n",
        ("environment.etc.motd.text", "string", "system.nix"),
    ),
    "wrong value of an enumeration": (
        '{ systemd.services.a = { script = "true"; startLimitBurst = "many"; }; }\n',
        ("systemd.services.a.startLimitBurst", "integer", "system.nix"),
    ),
    "conflicting definitions": (
        '{ environment.etc.x = { text = ""; mode = "0600"; }; imports = [ { environment.etc.x.mode = "0640"; } ]; }',
        ("environment.etc.x.mode", "conflict", "0600", "0640", "mkForce"),
    ),
    "infinite recursion": (
        "{ config, ... }:\n{ environment.etc.motd.text = config.environment.etc.motd.text; }\n",
        ("infinite recursion", "system.nix:2:"),
    ),
    "infinite recursion through the library": (
        "{ lib, config, ... }: {\n  options.on = lib.mkOption { type = lib.types.bool; default = false; };\n"
        '  config = lib.mkIf (!config.on) { on = true; environment.etc.motd.text = "x"; };\n}\n',
        ("infinite recursion", "system.nix:3:"),
    ),
    "missing import": ("{ imports = [ ./missing.nix ]; }\n", ("missing.nix", "does not exist")),
    "missing source": ("{ environment.etc.motd.source = ./missing; }\n", ("missing", "does not exist")),
    "not a module": ("1\n", ("module", "system.nix")),
    "a function that asks for too much": ("{ weather, ... }: { environment.etc.motd.text = weather; }\n", ("weather",)),
    "failed assertion": (
        '{ assertions = [ { assertion = false; message = "the moon is full"; } ]; }\n',
        ("the moon is full",),
    ),
    "thrown error": ('throw "not today"\n', ("not today",)),
    "abort": ('abort "stop"\n', ("stop",)),
    "wrong mode": (
        '{ environment.etc.motd = { text = "x"; mode = "rw-r--r--"; }; }\n',
        ("environment.etc.motd.mode",),
    ),
    "a package that is not there": (
        '{ pkgs, ... }:\n{ environment.systemPackages = [ (pkgs.writeTxt "x" "y") ]; }\n',
        ("error: attribute 'writeTxt' missing", "system.nix:2:35", "Did you mean writeText"),
    ),
    "endless nesting": ("let f = x: f (x + 1) + 1; in f 0\n", ("max-call-depth",)),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system that was never managed."""
    return make_root(tmp_path)


def _files(root: Path) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(root)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in root.rglob("*")
        if (path.is_symlink() or path.is_file()) and "nix" not in path.relative_to(root).parts[:1]
    }


@pytest.mark.parametrize("case", CASES)
def test_a_configuration_that_cannot_work(case: str, root: Path, tmp_path: Path) -> None:
    configuration, expected = CASES[case]
    (tmp_path / "system.nix").write_text(configuration)
    before = _files(root)
    completed = system_manager("switch", "--root", root, directory=tmp_path)
    assert completed.returncode == 1
    assert completed.stdout == ""
    assert completed.stderr.startswith("error:")
    assert [text for text in expected if text not in completed.stderr] == [], completed.stderr
    assert _files(root) == before
    assert not (root / "nix/var/nix/profiles/system-manager-profiles").exists()


def test_no_configuration_at_all(root: Path, tmp_path: Path) -> None:
    completed = system_manager("switch", "--root", root, directory=tmp_path)
    assert completed.returncode == 1
    for place in (tmp_path, tmp_path / ".config/system-manager", root / "etc/system-manager"):
        assert str(place / "system.nix") in completed.stderr
    assert "system-manager init" in completed.stderr


def test_a_configuration_that_is_not_there(root: Path, tmp_path: Path) -> None:
    completed = system_manager("plan", "--root", root, "--file", "elsewhere.nix", directory=tmp_path)
    assert completed.returncode == 1
    assert f"at: {tmp_path}/elsewhere.nix" in completed.stderr


@pytest.mark.parametrize("verb", ["plan", "switch"])
def test_an_unmanaged_file_in_the_way(verb: str, root: Path, tmp_path: Path) -> None:
    (root / "etc/motd").write_text("the administrator's\n")
    (tmp_path / "system.nix").write_text('{ environment.etc.motd.text = "ours"; environment.etc.other.text = "x"; }')
    before = _files(root)
    completed = system_manager(verb, "--root", root, directory=tmp_path)
    assert completed.returncode == 1
    # A plan shows what is in the way beside everything else that it would do.
    assert "/etc/motd: a file that is not managed is in the way" in (
        completed.stdout if verb == "plan" else completed.stderr
    )
    assert "replaceExisting" in completed.stderr
    (root / "run/system-manager/lock").unlink(missing_ok=True)
    assert _files(root) == before


def test_a_user_that_does_not_exist(root: Path, tmp_path: Path) -> None:
    (tmp_path / "system.nix").write_text('{ environment.etc.x = { text = ""; mode = "0600"; user = "nobdoy"; }; }')
    completed = system_manager("switch", "--root", root, directory=tmp_path)
    assert completed.returncode == 1
    assert "nobdoy" in completed.stderr
    assert not (root / "etc/x").exists()


@pytest.mark.parametrize(
    "path",
    ["/nix/store/00000000000000000000000000000000-missing", "/etc", "nonsense", "/nix/store/../../etc"],
)
def test_a_store_path_that_is_no_toplevel(path: str, root: Path, tmp_path: Path) -> None:
    completed = system_manager("switch", "--root", root, "--store-path", path, directory=tmp_path)
    assert completed.returncode == 1
    assert path in completed.stderr


def test_another_switch_at_the_same_time(root: Path, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "system.nix").write_text("{ }")
    assert system_manager("switch", "--root", root, directory=tmp_path).returncode == 0
    lock = root / "run/system-manager/lock"
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("switch (process 1)\n")
        file.flush()
        completed = system_manager("switch", "--root", root, directory=tmp_path)
    assert completed.returncode == 1
    assert "switch (process 1) is already changing this machine" in completed.stderr


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "system.nix").write_text("{ }")
    completed = system_manager("build", "--store", "/proc/nowhere", directory=tmp_path)
    assert completed.returncode == 1
    assert "/proc/nowhere" in completed.stderr
