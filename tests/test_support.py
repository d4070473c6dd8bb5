"""The tools that other tests trust do what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.machine import Machine, snapshot
from tests.support.oracle import Oracle


@pytest.mark.oracle
def test_oracle_evaluates_and_sees_what_is_shared(oracle: Oracle, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1 + 1; }")
    oracle.share(tmp_path)
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", str(tmp_path / "x.nix")], check=True)
    assert completed.stdout == "{ a = 2; }\n"


@pytest.mark.oracle
def test_oracle_builds(oracle: Oracle) -> None:
    expression = (
        'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; args = ["-c" "echo y >$out"]; }'
    )
    completed = oracle.run(["nix-build", "--no-out-link", "-E", expression], check=True)
    assert (oracle.root / completed.stdout.strip().lstrip("/")).read_text() == "y\n"


@pytest.mark.oracle
def test_oracle_leaves_nothing_mounted(oracle: Oracle) -> None:
    oracle.run(["true"], check=True)
    assert str(oracle.root) not in Path("/proc/self/mounts").read_text()


@pytest.mark.machine
def test_machine_runs_a_real_systemd_and_keeps_its_disk(machine: Machine) -> None:
    assert machine.run("systemctl is-system-running").stdout == "running\n"
    machine.write("/srv/deep/file", "kept\n")
    machine.run("echo lost > /run/file")
    machine.reboot()
    assert machine.run("cat /srv/deep/file; ls /run/file", check=False).stdout == "kept\n"


@pytest.mark.machine
def test_machine_loses_power(machine: Machine) -> None:
    machine.run("echo kept > /etc/file")
    machine.kill()
    machine.boot()
    assert machine.run("cat /etc/file").stdout == "kept\n"


@pytest.mark.machine
def test_machine_installs_real_packages_without_a_network(machine: Machine) -> None:
    machine.run("apt-get install -q -y greeter=1.0")
    assert machine.run("greeter; systemctl is-active greeter").stdout == "greeter 1.0\nactive\n"


@pytest.mark.machine
def test_machine_with_a_small_disk_fills_up(new_machine: Callable[..., Machine]) -> None:
    small = new_machine(disk_bytes=8 << 20)
    assert "No space left" in small.run("dd if=/dev/zero of=/fill bs=1M count=20", check=False).stderr


@pytest.mark.machine
def test_machines_are_fresh_and_leave_nothing_behind(new_machine: Callable[..., Machine], machine: Machine) -> None:
    machine.write("/etc/only-here", "")
    other = new_machine()
    assert not other.path("/etc/only-here").exists()
    assert snapshot(other.path("/etc")) == {
        name: entry for name, entry in machine.snapshot("/etc").items() if name != "only-here"
    } | {"machine-id": other.snapshot("/etc")["machine-id"]}
