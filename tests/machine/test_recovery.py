"""The power fails in the middle of a switch: the machine that comes up is the old one or the new one, by itself."""

from __future__ import annotations

import time

import pytest

from tests.machine.unit_machine import SLEEP, activate, engine, service, state, toplevel
from tests.support.machine import PROGRAM, Machine

pytestmark = [pytest.mark.machine, pytest.mark.every_suite]

UNIT = "system-manager-recover.service"
SLOW = service("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep infinity\n")


def cut_the_power_during(machine: Machine, path: str) -> None:
    """Activate, and kill everything when the slow unit is being started: most of the work is done by then."""
    machine.run(f"systemd-run --unit=switching system-manager-engine activate --toplevel {path}")
    deadline = time.monotonic() + 300
    while machine.run("systemctl is-active slow.service", check=False).stdout.strip() != "activating":
        assert time.monotonic() < deadline, machine.run("journalctl -u switching --no-pager").stdout
        time.sleep(0.2)
    # First of all the engine: it would see that systemd is gone, and begin to take back in the moment that is left.
    machine.run("systemctl kill --signal=KILL switching")
    machine.kill()
    assert machine.path("/var/lib/system-manager/journal.json").exists()


def test_the_old_generation_comes_up_without_a_command(machine: Machine) -> None:
    old = {"a.service": service(f"{SLEEP}Environment=V=1\n"), "gone.service": service()}
    new = {"a.service": service(f"{SLEEP}Environment=V=2\n"), "fresh.service": service(), "slow.service": SLOW}
    activate(machine, old, files={"/etc/app.conf": "old"})
    before = machine.snapshot("/etc")
    cut_the_power_during(machine, toplevel(machine, new, {"/etc/app.conf": "new"}))
    assert machine.snapshot("/etc") != before
    machine.boot()
    assert machine.snapshot("/etc") == before
    assert not machine.path("/var/lib/system-manager/journal.json").exists()
    assert "V=1" in machine.run("systemctl show -P Environment a.service").stdout
    names = ("a.service", "gone.service", "fresh.service", "slow.service")
    assert [state(machine, name) for name in names] == ["active", "active", "inactive", "inactive"]
    assert machine.run(["systemctl", "show", "-P", "Result", UNIT]).stdout == "success\n"
    assert engine(machine, "status").result["drift"] == []


def test_a_first_activation_leaves_nothing(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    cut_the_power_during(machine, toplevel(machine, {"slow.service": SLOW}, {"/etc/app/app.conf": "x"}))
    machine.boot()
    assert machine.snapshot("/etc") == before
    assert engine(machine, "status").result["toplevel"] is None


def test_a_boot_without_a_journal_does_not_start_the_program(machine: Machine) -> None:
    activate(machine, {"a.service": service()})
    machine.run(["rm", "-r", PROGRAM])
    machine.reboot()
    assert state(machine, "a.service") == "active"
    assert machine.run(["systemctl", "show", "-P", "ConditionResult", UNIT]).stdout == "no\n"
    assert machine.run("systemctl list-units --failed --no-legend").stdout == ""


def test_a_test_ends_with_the_next_boot(machine: Machine) -> None:
    activate(machine, {"a.service": service(f"{SLEEP}Environment=V=1\n"), "gone.service": service()})
    before = machine.snapshot("/etc")
    units = {"a.service": service(f"{SLEEP}Environment=V=2\n"), "fresh.service": service()}
    engine(machine, "test", "--toplevel", toplevel(machine, units))
    assert "V=2" in machine.run("systemctl show -P Environment a.service").stdout
    machine.reboot()
    assert machine.snapshot("/etc") == before
    assert "V=1" in machine.run("systemctl show -P Environment a.service").stdout
    assert [state(machine, name) for name in ("gone.service", "fresh.service")] == ["active", "inactive"]
    assert engine(machine, "status").result["atNextBoot"] is None


def test_a_generation_that_was_chosen_for_the_boot(machine: Machine) -> None:
    activate(machine, {"a.service": service(f"{SLEEP}Environment=V=1\n")})
    units = {"a.service": service(f"{SLEEP}Environment=V=2\n"), "fresh.service": service()}
    engine(machine, "boot", "--toplevel", toplevel(machine, units))
    assert state(machine, "fresh.service") == "inactive"
    machine.reboot()
    assert "V=2" in machine.run("systemctl show -P Environment a.service").stdout
    assert state(machine, "fresh.service") == "active"
    status = engine(machine, "status").result
    assert (status["generation"], status["drift"], status["atNextBoot"]) == (2, [], None)
    assert machine.run("systemctl list-units --failed --no-legend").stdout == ""


def test_an_image_is_not_this_machine(machine: Machine) -> None:
    refused = engine(machine, "populate", "--toplevel", toplevel(machine, {}), ends_with=1)
    assert "systemd runs here" in refused.result["error"]["what"]
