"""Drift on a running machine is reported, and ``--repair`` puts right exactly what is reported."""

from __future__ import annotations

import pytest

from tests.machine.unit_machine import SLEEP, Described, activate, engine, main_process, service, state
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

UNITS = {
    "a.service": service(),
    "b.service": service(),
    "dies.service": service("[Service]\nExecStart=/bin/sh -c 'test -e /run/die && exit 3; exec sleep infinity'\n"),
    "never.service": service(f"[Unit]\nConditionPathExists=/nonexistent\n{SLEEP}"),
    "once.service": service("[Service]\nType=oneshot\nExecStart=/bin/true\n"),
    "regular.timer": service("[Timer]\nOnCalendar=yearly\n"),
    "regular.service": Described("[Service]\nType=oneshot\nExecStart=/bin/true\n"),
    "unwanted.service": service(wanted_by=""),
}
FILES = {"/etc/app.conf": "ours"}


def drift(machine: Machine) -> dict[str, str]:
    return {entry["target"]: entry["what"] for entry in engine(machine, "status").result["drift"]}


def test_everything_that_status_reports(machine: Machine) -> None:
    activate(machine, UNITS, files=FILES)
    assert drift(machine) == {}
    steady = main_process(machine, "b.service")
    machine.run(
        """
        systemctl stop a.service regular.timer
        touch /run/die; systemctl restart dies.service || true; sleep 1; rm /run/die
        systemctl disable --quiet b.service
        echo edited > /etc/app.conf; chmod 0600 /etc/app.conf
        """
    )
    assert drift(machine) == {
        "/etc/app.conf": "has another content",
        "/etc/systemd/system/b.service": "is missing",
        "/etc/systemd/system/multi-user.target.wants/b.service": "is missing",
        "a.service": "is not running",
        "dies.service": "failed",
        "regular.timer": "is not running",
    }
    plain = activate(machine, UNITS, files=FILES)
    assert "a.service" not in str(plain.actions)
    assert sorted(drift(machine)) == ["a.service", "dies.service", "regular.timer"]
    repaired = activate(machine, UNITS, "--repair", files=FILES)
    assert repaired.actions == {"start": ["a.service", "dies.service", "regular.timer"]}
    assert drift(machine) == {}
    assert main_process(machine, "b.service") == steady
    assert [state(machine, name) for name in ("never.service", "unwanted.service")] == ["inactive", "inactive"]
    assert activate(machine, UNITS, "--repair", files=FILES).result["outcome"] == "nothing-to-do"


def test_what_a_rule_of_tmpfiles_has_made(machine: Machine) -> None:
    rules = "/etc/tmpfiles.d/ours.conf"
    text = "d /run/ours 0750 root adm -\nL+ /run/link - - - - /etc\nf /run/once - - - -\nR /run/never - - - -\n"
    more = {"files": {rules: text}, "tmpfiles": [rules]}
    activate(machine, {}, **more)
    assert drift(machine) == {}
    machine.run("rmdir /run/ours; rm /run/link /run/once")
    assert drift(machine) == dict.fromkeys(("/run/ours", "/run/link"), f"is missing, which {rules} has made")
    activate(machine, {}, "--repair", **more)
    assert drift(machine) == {}
    assert machine.run("stat -c '%a %U:%G' /run/ours").stdout == "750 root:adm\n"
    assert activate(machine, {}, "--repair", **more).result["outcome"] == "nothing-to-do"


def test_a_unit_that_runs_although_it_is_masked(machine: Machine) -> None:
    masked = {"held.service": Described(None, masked=True)}
    activate(machine, {"held.service": service()})
    machine.run("cp -L /etc/systemd/system/held.service /root")
    activate(machine, masked)
    machine.run(
        """
        rm /etc/systemd/system/held.service; cp /root/held.service /etc/systemd/system; systemctl daemon-reload
        systemctl start held.service; ln -sf /dev/null /etc/systemd/system/held.service; systemctl daemon-reload
        """
    )
    assert drift(machine) == {"held.service": "runs although it is masked"}
    activate(machine, masked, "--repair")
    assert (drift(machine), state(machine, "held.service")) == ({}, "inactive")


def test_the_boot_unit(machine: Machine) -> None:
    activate(machine, UNITS)
    machine.run("rm /etc/systemd/system/system-manager-recover.service")
    assert "system-manager-recover.service" in drift(machine)
    assert activate(machine, UNITS).result["outcome"] == "nothing-to-do"
    assert drift(machine) == {}
