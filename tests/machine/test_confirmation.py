"""A change of a machine that one could be cut off from: it stays when somebody can still say so, and only then."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from tests.machine.unit_machine import SLEEP, activate, engine, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

OLD = {"a.service": service(f"{SLEEP}Environment=V=1\n"), "gone.service": service()}
NEW = {"a.service": service(f"{SLEEP}Environment=V=2\n"), "fresh.service": service()}


@pytest.fixture
def managed(machine: Machine) -> Iterator[Machine]:
    """A machine with a first generation."""
    activate(machine, OLD, files={"/etc/app.conf": "old"})
    yield machine
    assert machine.run("systemctl list-units --failed --no-legend").stdout == ""


def new(machine: Machine) -> str:
    return toplevel(machine, NEW, {"/etc/app.conf": "new"})


def app(machine: Machine) -> tuple[str, str, str]:
    """What the file says, and the states of the services that come and go."""
    text = machine.run("cat /etc/app.conf").stdout
    return text, state(machine, "gone.service"), state(machine, "fresh.service")


CHANGED = ("new", "inactive", "active")
BACK = ("old", "active", "inactive")


def timers(machine: Machine) -> str:
    return machine.run("systemctl list-units --all --no-legend 'system-manager-undo-*'").stdout.strip()


def goes_back(machine: Machine) -> None:
    deadline = time.monotonic() + 300
    while app(machine) != BACK or engine(machine, "status").result["running"]:
        assert time.monotonic() < deadline, machine.run("journalctl --no-pager -u 'system-manager-undo-*'").stdout
        time.sleep(0.3)
    status = engine(machine, "status").result
    assert (status["generation"], status["toConfirm"], status["atNextBoot"], status["drift"]) == (1, None, None, [])
    assert "V=1" in machine.run("systemctl show -P Environment a.service").stdout


def test_taken_back_at_once_and_then_confirmed_in_time(managed: Machine) -> None:
    engine(managed, "activate", "--toplevel", new(managed), "--confirm", "3000")
    engine(managed, "rollback")
    goes_back(managed)
    assert timers(managed) == ""

    engine(managed, "activate", "--toplevel", new(managed), "--confirm", "300")
    assert app(managed) == CHANGED
    waiting = engine(managed, "status").result
    assert (waiting["generation"], waiting["toConfirm"]["generation"], waiting["drift"]) == (1, 2, [])
    assert 0 < waiting["toConfirm"]["secondsLeft"] <= 300
    listed = managed.run("setpriv --reuid=nobody --clear-groups system-manager generations").stdout
    assert [line.split("  ")[0].strip() for line in listed.splitlines() if "to be confirmed" in line] == ["2"]
    # Who sets the clock neither shortens nor lengthens the time.
    clocks = managed.run("systemctl show -P TimersMonotonic -P TimersCalendar 'system-manager-undo-*.timer'").stdout
    assert re.fullmatch(r"\{ OnActiveUSec=5min ; .*\}\s*", clocks)
    refused = engine(managed, "activate", "--toplevel", new(managed), ends_with=1)
    assert "waits for being confirmed" in refused.result["error"]["what"]
    engine(managed, "confirm")
    assert timers(managed) == ""
    status = engine(managed, "status").result
    assert (status["generation"], status["toConfirm"], status["atNextBoot"], status["drift"]) == (2, None, None, [])
    managed.reboot()
    assert app(managed) == CHANGED


def test_the_connection_is_lost(managed: Machine) -> None:
    """The command line is killed with its terminal, the engine by the unluckiest of administrators, both while the
    change is being made; and the clock is of no importance."""
    slow = {
        **NEW,
        "slow.service": service("[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep infinity\n"),
    }
    path = toplevel(managed, slow, {"/etc/app.conf": "new"})
    managed.run(
        ["systemd-run", "--quiet", "--unit=session", "system-manager", "switch", "--store-path", path, "--confirm", "5"]
    )
    deadline = time.monotonic() + 300
    while state(managed, "slow.service") != "activating":
        assert time.monotonic() < deadline, managed.run("journalctl -u session --no-pager").stdout
        time.sleep(0.1)
    assert managed.run("cat /etc/app.conf").stdout == "new"
    managed.run("systemctl kill --signal=KILL session")
    goes_back(managed)
    managed.run("systemctl reset-failed session")


def test_nobody_confirms(managed: Machine) -> None:
    before = managed.snapshot("/etc")
    seen = "&& cp /etc/app.conf /run/seen && systemctl is-active gone fresh >> /run/seen"
    said = managed.run(f"system-manager switch --store-path {new(managed)} --confirm 5 {seen}", check=False)
    assert "goes back in 5 seconds unless 'system-manager confirm' is said" in said.stderr
    assert managed.run("cat /run/seen").stdout == "newinactive\nactive\n"
    goes_back(managed)
    assert managed.snapshot("/etc") == before
    late = engine(managed, "confirm", ends_with=1)
    assert "no change waits" in late.result["error"]["what"]
    verbs = [(entry["verb"], entry["outcome"]) for entry in engine(managed, "history").result["activations"]]
    assert verbs == [("switch", "changed"), ("switch", "unconfirmed"), ("undo", "changed")]

    # The service of the old generation does not come up any more: better half-way back than cut off.
    fragile = {"a.service": service("[Service]\nType=oneshot\nExecStart=/bin/sh -c '! test -e /run/broken'\n")}
    activate(managed, fragile, files={"/etc/app.conf": "old"})
    managed.run("touch /run/broken")
    engine(managed, "activate", "--toplevel", new(managed), "--confirm", "3")
    deadline = time.monotonic() + 300
    while engine(managed, "status").result["toConfirm"] is not None or timers(managed):
        assert time.monotonic() < deadline, managed.run("journalctl --no-pager -u 'system-manager-undo-*'").stdout
        time.sleep(0.3)
    assert app(managed) == ("old", "inactive", "inactive")
    outcomes = [entry["outcome"] for entry in engine(managed, "history").result["activations"]]
    assert outcomes[-3:] == ["unconfirmed", "rolled-back", "kept"]
    managed.run("rm /run/broken; systemctl reset-failed a.service")


def test_a_reboot_before_the_confirmation(managed: Machine) -> None:
    before = managed.snapshot("/etc")
    engine(managed, "activate", "--toplevel", new(managed), "--confirm", "3000")
    managed.reboot()
    assert app(managed) == BACK
    assert managed.snapshot("/etc") == before
    status = engine(managed, "status").result
    assert (status["generation"], status["toConfirm"], status["drift"]) == (1, None, [])
    assert timers(managed) == ""
