"""Units other than plain services, and the ways in which systemd relates units, under a real systemd."""

from __future__ import annotations

import pytest

from tests.machine.test_user_units import have_managers
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


ODD = {
    r"with\x2ddash.service": service(),
    r"many@a\x2db.service": Described(None, links={"wantedBy": ["multi-user.target"]}),
    "many@1.2:3.service": Described(None, links={"wantedBy": ["multi-user.target"]}),
    "many@.service": Described(f"{SLEEP}Environment=I=%I\n"),
    r"srv-odd\x2dname.mount": service("[Mount]\nWhat=tmpfs\nWhere=/srv/odd-name\nType=tmpfs\n"),
}


def test_names_that_are_escaped(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    running = [name for name in ODD if "@." not in name]
    machine.run("mkdir -p /srv/odd-name")
    assert sorted(activate(machine, ODD).actions["start"]) == sorted(running)
    assert show(machine, r"many@a\x2db.service", "Environment") == "I=a-b"
    assert engine(machine, "status").result["drift"] == []
    changed = {**ODD, "many@.service": Described(f"{SLEEP}Environment=J=%I\n")}
    again = activate(machine, changed)
    assert again.actions == {name: ["many@1.2:3.service", r"many@a\x2db.service"] for name in ("start", "stop")}
    assert show(machine, r"many@a\x2db.service", "Environment") == "J=a-b"
    machine.run(["systemctl", "stop", *running])
    activate(machine, changed, "--repair")
    assert [state(machine, name) for name in running] == ["active"] * len(running)
    assert sorted(engine(machine, "deactivate").actions["stop"]) == sorted(running)
    assert machine.snapshot("/etc") == before


ECHO = "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n"


def test_sessions_and_connections_are_not_ended(machine: Machine) -> None:
    socket = service("[Socket]\nListenStream=/run/echo\nAccept=yes\n", wanted_by="sockets.target")
    activate(machine, {"echo.socket": socket, "echo@.service": Described(ECHO)})
    have_managers(machine, "admin")
    session = f"user@{machine.run('id -u admin').stdout.strip()}.service"
    client = """
import os, socket, time
s = socket.socket(socket.AF_UNIX); s.connect("/run/echo"); s.sendall(b"one"); s.recv(9)
open("/run/connected", "w").close()
while not os.path.exists("/run/go-on"): time.sleep(0.1)
s.sendall(b"two"); open("/run/answer", "wb").write(s.recv(9))
"""
    machine.write("/root/client.py", client)
    machine.run("systemd-run --unit=client python3 /root/client.py; until test -e /run/connected; do sleep 0.1; done")
    manager = main_process(machine, session)
    ended = activate(
        machine,
        {
            "echo.socket": socket,
            "echo@.service": Described(f"{ECHO}Environment=V=2\n"),
            "user@.service": Described(None, {"50-ours.conf": "[Service]\nEnvironment=V=2\n"}),
        },
    )
    assert sorted(name.partition("@")[0] for name in ended.actions["keep"]) == ["echo", "user"]
    assert set(ended.actions) == {"keep"}
    assert main_process(machine, session) == manager
    machine.run("touch /run/go-on; until test -s /run/answer; do sleep 0.1; done")
    assert machine.run("cat /run/answer").stdout == "two"


def test_what_starts_together_starts_in_its_order(machine: Machine) -> None:
    """Each after the next one by name; nothing but the order of their jobs keeps them apart."""
    count = 40
    units = {
        f"n{number:02}.service": service(
            f"[Unit]\nAfter=n{number + 1:02}.service\n"
            f"[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo {number} >> /run/order'\n"
        )
        for number in range(count)
    }
    activate(machine, units)
    assert machine.run("cat /run/order").stdout.split() == [str(number) for number in reversed(range(count))]
