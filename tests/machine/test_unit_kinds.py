"""Units other than plain services, and the ways in which systemd relates units, under a real systemd."""

from __future__ import annotations

import pytest

from tests.machine.unit_machine import SLEEP, Described, activate, engine, main_process, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine


def kinds(number: int, *, mount_type: str = "tmpfs") -> dict[str, Described]:
    """One unit of each kind, different for each number in a way that matters to its kind."""
    return {
        "srv-a.mount": service(
            f"[Mount]\nWhat=none\nWhere=/srv/a\nType={mount_type}\nOptions=size={number}M\n",
            wanted_by="local-fs.target",
        ),
        "work.path": service(f"[Path]\nPathExists=/run/never-{number}\nUnit=idle.service\n", wanted_by="paths.target"),
        "work.timer": service(f"[Timer]\nOnCalendar=Mon 0{number}:00\nUnit=idle.service\n", wanted_by="timers.target"),
        "work.slice": service(f"[Slice]\nMemoryMax={number}G\n", wanted_by=""),
        "work.target": service(f"[Unit]\nX-StopOnReconfiguration=true\nDescription={number}\n"),
        "part.service": service(f"[Unit]\nPartOf=work.target\n{SLEEP}Slice=work.slice\n", wanted_by="work.target"),
        "idle.service": service(wanted_by=""),
    }


def show(machine: Machine, unit: str, name: str) -> str:
    return machine.run(["systemctl", "show", "-P", name, unit]).stdout.strip()


def test_every_kind_of_unit(machine: Machine) -> None:
    machine.run("mkdir -p /srv/a")
    before = machine.snapshot("/etc")
    started = activate(machine, kinds(1)).actions
    wanted = ["part.service", "srv-a.mount", "work.path", "work.target", "work.timer"]
    assert started == {"start": wanted}
    machine.run("touch /srv/a/stays")
    process = main_process(machine, "part.service")

    changed = activate(machine, kinds(2)).actions
    assert changed == {
        "reload": ["srv-a.mount"],
        "restart": ["work.timer"],
        "start": ["part.service", "work.target"],  # the one goes down with the other
        "stop": ["work.target"],
    }
    assert "size=2048k" in machine.run("findmnt --noheadings --output OPTIONS /srv/a").stdout
    machine.run("test -e /srv/a/stays")
    assert main_process(machine, "part.service") not in (0, process)
    # what daemon-reload alone brings
    assert show(machine, "work.slice", "MemoryMax") == str(2 << 30)
    assert [state(machine, name) for name in wanted] == ["active"] * len(wanted)

    # another file system in the same place is another mount
    assert activate(machine, kinds(2, mount_type="ramfs")).actions["restart"] == ["srv-a.mount"]
    assert machine.run("findmnt --noheadings --output FSTYPE /srv/a").stdout == "ramfs\n"

    gone = engine(machine, "deactivate").actions["stop"]
    assert gone == sorted([*wanted, "work.slice"])
    assert machine.run("findmnt /srv/a", check=False).stdout == ""
    assert machine.snapshot("/etc") == before


def test_names_and_relations(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    machine.write("/lib/systemd/system/their-many@.service", SLEEP)
    machine.run("ln -s theirs.service /lib/systemd/system/known-as.service")
    machine.run("systemctl daemon-reload; systemctl start theirs.service their-many@a.b.service their-many@c.service")
    process = {name: main_process(machine, name) for name in ("their-many@a.b.service", "their-many@c.service")}

    # wanted by another name of something that runs; an alias of ours; settings for one instance with a dot
    named = {
        "friend.service": service(wanted_by="known-as.service"),
        "named.service": Described(SLEEP, links={"wantedBy": ["friend.service"]}, aliases=("other-name.service",)),
        "their-many@a.b.service": Described(None, {"x.conf": "[Service]\nEnvironment=OURS=1\n"}),
    }
    assert activate(machine, named).actions == {
        "start": ["friend.service", "named.service", "their-many@a.b.service"],
        "stop": ["their-many@a.b.service"],
    }
    assert show(machine, "other-name.service", "Id") == "named.service"
    after = {name: main_process(machine, name) for name in process}
    assert {name for name in process if process[name] != after[name]} == {"their-many@a.b.service"}

    # the name of a running unit of the distribution becomes an alias of ours, and is given back
    taken = {"ours.service": Described(SLEEP, links={"wantedBy": ["multi-user.target"]}, aliases=("theirs.service",))}
    activate(machine, taken)
    assert (show(machine, "theirs.service", "Id"), state(machine, "theirs.service")) == ("ours.service", "active")
    assert main_process(machine, "their-many@a.b.service") not in (0, after["their-many@a.b.service"])
    assert show(machine, "their-many@a.b.service", "Environment") == ""
    activate(machine, {})
    assert (show(machine, "theirs.service", "Id"), state(machine, "theirs.service")) == ("theirs.service", "active")
    assert state(machine, "ours.service") == "inactive"


def test_a_run_that_was_kept_half_way_is_gone_on_with(machine: Machine) -> None:
    """Stopped by a signal while units are being started, and told to leave things as they are."""

    def units(number: int) -> dict[str, Described]:
        changed = f"{SLEEP}Environment=X={number}\n"
        return {
            "cycled.service": service(f"[Unit]\nAfter=slow.service\n{changed}"),
            "in-place.service": service(f"[Unit]\nAfter=slow.service\n{changed}X-StopIfChanged=false\n"),
            "slow.service": service(
                "[Service]\nType=oneshot\nRemainAfterExit=yes\n"
                f"ExecStart=/bin/sh -c 'test -e /run/go-on || exec sleep 1000' {number}\n"
            ),
        }

    machine.run("touch /run/go-on")
    activate(machine, units(1))
    machine.run("rm /run/go-on")
    path = toplevel(machine, units(2))
    machine.run(f"systemd-run -q --unit=run system-manager-engine activate --no-rollback --toplevel {path}")
    machine.run('until test "$(systemctl show -P ActiveState slow)" = activating; do sleep 0.1; done')
    machine.run("kill -TERM $(systemctl show -P MainPID run); while systemctl is-active run; do sleep 0.1; done")
    assert show(machine, "run", "ExecMainStatus") == "4"
    machine.run("systemctl stop slow.service cycled.service")
    machine.run("touch /run/go-on")
    again = activate(machine, units(2)).actions
    assert {"cycled.service", "slow.service"} <= {*again.get("start", []), *again.get("restart", [])}
    assert [state(machine, name) for name in units(2)] == ["active"] * 3
    assert ["X=2" in show(machine, f"{name}.service", "Environment") for name in ("cycled", "in-place")] == [True, True]
    assert activate(machine, units(2)).result["outcome"] == "nothing-to-do"
