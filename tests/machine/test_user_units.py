"""Units of users' own managers: those that run are brought over, whatever they do a switch goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.machine.unit_machine import SLEEP, Described, Ended, activate, engine, service
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

USERS = ("admin", "other")


def own(text: str = SLEEP, *, wanted_by: str = "default.target") -> Described:
    return service(text, wanted_by=wanted_by)


def systemctl(machine: Machine, user: str, command: str, *, check: bool = True) -> str:
    """Ask a user's manager, as that user."""
    asked = f"export XDG_RUNTIME_DIR=/run/user/$(id -u {user}); exec runuser -u {user} -- systemctl --user {command}"
    return machine.run(asked, check=check).stdout.strip()


def show(machine: Machine, user: str, unit: str, name: str) -> str:
    return systemctl(machine, user, f"show -P {name} {unit}")


def state(machine: Machine, user: str, unit: str) -> str:
    return show(machine, user, unit, "ActiveState")


def have_managers(machine: Machine, *users: str) -> None:
    """Start the managers of users, as a login does, and make sure that they are up."""
    for user in users:
        machine.run(f"id {user} 2> /dev/null || useradd --create-home {user}; loginctl enable-linger {user}")
        machine.run(f"systemctl start user@$(id -u {user}).service")


def warnings(ended: Ended) -> list[str]:
    return [event["text"] for event in ended.events if event["event"] == "warned"]


def of_users(ended: Ended) -> Mapping[str, list[str]]:
    """The units of users in a plan, by action, each with its user."""
    found: dict[str, list[str]] = {}
    for step in ended.result.get("steps", []):
        if step["subject"] == "user-unit":
            found.setdefault(step["action"], []).append(f"{step['target']} {step['detail']}")
    return found


def everybodys(*names: str) -> list[str]:
    return sorted(f"{name} of {user}" for name in names for user in USERS)


def test_managers_that_run_are_brought_over(machine: Machine) -> None:
    have_managers(machine, *USERS)
    before = machine.snapshot("/etc")
    first = activate(machine, {}, user_units={"a.service": own(), "by-hand.service": own(wanted_by="")})
    assert sorted(of_users(first)["start"]) == everybodys("a.service")
    assert [state(machine, user, "a.service") for user in USERS] == ["active", "active"]
    assert state(machine, "admin", "by-hand.service") == "inactive"
    processes = [show(machine, user, "a.service", "MainPID") for user in USERS]

    # nothing changed; then what needs no restart, what needs one, what is only reloaded, and what somebody stopped
    same = activate(machine, {}, user_units={"a.service": own(), "by-hand.service": own(wanted_by="")})
    assert same.result["outcome"] == "nothing-to-do"
    described = activate(machine, {}, user_units={"a.service": own(f"[Unit]\nDescription=x\n{SLEEP}")})
    assert of_users(described) == {}
    assert show(machine, "admin", "a.service", "Description") == "x"
    assert [show(machine, user, "a.service", "MainPID") for user in USERS] == processes
    systemctl(machine, "other", "stop a.service")
    changed = activate(machine, {}, user_units={"a.service": own(f"{SLEEP}Environment=V=2\n")})
    assert of_users(changed) == {"stop": ["a.service of admin"], "start": ["a.service of admin"]}, changed
    assert [state(machine, user, "a.service") for user in USERS] == ["active", "inactive"]
    assert "V=2" in show(machine, "admin", "a.service", "Environment")

    # a user's own file goes before ours
    home = "/home/other/.config/systemd/user"
    machine.run(f"mkdir -p {home}; printf '[Service]\\nExecStart=/bin/sleep 1000\\n' > {home}/a.service")
    machine.run("chown -R other: /home/other/.config")
    systemctl(machine, "other", "daemon-reload")
    systemctl(machine, "other", "start a.service")
    theirs = show(machine, "other", "a.service", "MainPID")
    again = activate(machine, {}, user_units={"a.service": own(f"{SLEEP}Environment=V=3\n")})
    assert of_users(again) == {"stop": ["a.service of admin"], "start": ["a.service of admin"]}
    assert show(machine, "other", "a.service", "MainPID") == theirs

    gone = engine(machine, "deactivate")
    assert of_users(gone) == {"stop": ["a.service of admin"]}
    assert state(machine, "admin", "a.service") == "inactive"
    assert show(machine, "other", "a.service", "MainPID") == theirs
    assert machine.snapshot("/etc") == before


def test_a_failed_activation_is_taken_back_for_users_too(machine: Machine) -> None:
    have_managers(machine, "admin")
    old = {
        "a.service": own(f"{SLEEP}Environment=V=1\n"),
        "gone.service": own(),
        "reloaded.service": own(f"{SLEEP}ExecReload=/bin/true\n"),
        "plain.timer": service("[Timer]\nOnCalendar=Mon 03:00\nUnit=a.service\n", wanted_by="timers.target"),
    }
    new = {
        "a.service": own(f"{SLEEP}Environment=V=2\n"),
        "reloaded.service": own(f"[Unit]\nX-Reload-Triggers=2\n{SLEEP}ExecReload=/bin/true\n"),
        "fresh.service": own(),
    }
    activate(machine, {}, user_units=old)
    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(machine, bad, user_units=new, ends_with=3)
    assert [state(machine, "admin", name) for name in old] == ["active"] * 4
    assert state(machine, "admin", "fresh.service") == "inactive"
    assert "V=1" in show(machine, "admin", "a.service", "Environment")
    activate(machine, {}, user_units=new)
    assert [state(machine, "admin", name) for name in new] == ["active"] * 3
    engine(machine, "rollback")
    assert [state(machine, "admin", name) for name in old] == ["active"] * 4
    assert "V=1" in show(machine, "admin", "a.service", "Environment")


def test_no_user_can_hinder_a_switch(machine: Machine) -> None:
    have_managers(machine, *USERS)
    # fails for one of them only, and never is ready for the other
    text = "[Service]\nType=notify\nExecStart=/bin/sh -c 'test $USER = admin && echo the reason && exit 3; sleep 99'\n"
    failing = activate(
        machine, {"a.service": service()}, user_units={"b.service": own(f"{text}TimeoutStartSec=5\n")}, settleTime=1
    )
    told = warnings(failing)
    assert [
        line for line in told if line.startswith("of admin: b.service failed with status 3") and "the reason" in line
    ]
    assert [line for line in told if line.startswith("of other: b.service was not up within 5 s")]
    assert machine.run("systemctl is-active a.service").stdout == "active\n"

    # a manager that does not answer: it is stopped in the middle of everything
    machine.run("kill -STOP $(systemctl show -P MainPID user@$(id -u other))")
    began = time.monotonic()
    silent = activate(machine, {"a.service": service()}, user_units={"b.service": own()})
    assert time.monotonic() - began < 200, "it waited for the user"
    notices = [event["text"] for event in silent.events if event["event"] == "notice"]
    assert [line for line in notices if line.startswith("other's service manager keeps its units until its next start")]
    assert state(machine, "admin", "b.service") == "active"
    machine.run("kill -CONT $(systemctl show -P MainPID user@$(id -u other))")

    # a socket that anybody may make is not what root trusts: it is talked to as its owner
    refused = activate(machine, {}, user_units={"b.service": own("[Service]\nType=oneshot\n")}, ends_with=1)
    assert "b.service" in refused.result["error"]["what"]


def test_who_logs_in_later_has_the_new_units(machine: Machine) -> None:
    activate(machine, {}, user_units={"a.service": own()})
    have_managers(machine, "admin")
    assert state(machine, "admin", "a.service") == "active"
    activate(machine, {}, user_units={"b.service": own()})
    have_managers(machine, "other")
    for user in USERS:
        assert [state(machine, user, f"{name}.service") for name in "ab"] == ["inactive", "active"]
