"""Units of ours among those of the distribution, of systemd itself and of each other, under a real systemd."""

from __future__ import annotations

import pytest

from tests.machine.test_user_units import have_managers
from tests.machine.unit_machine import SLEEP, Described, activate, engine, main_process, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine


def settings(text: str) -> Described:
    """A drop-in for a unit of somebody else's."""
    return Described(None, {"10-ours.conf": text})


def show(machine: Machine, unit: str, name: str) -> str:
    return machine.run(["systemctl", "show", "-P", name, unit]).stdout.strip()


def version_of(machine: Machine, unit: str) -> str:
    """The value of ``V`` in the environment of a service's process: which definition it runs with."""
    process = main_process(machine, unit)
    variables = machine.run(f"tr '\\0' '\\n' < /proc/{process}/environ", check=False).stdout.splitlines()
    return next((line.removeprefix("V=") for line in variables if line.startswith("V=")), "")


def in_version(number: int, *more: str) -> str:
    return f"{SLEEP}Environment=V={number}\n" + "".join(f"{line}\n" for line in more)


def is_as_left(machine: Machine, units: dict[str, Described]) -> bool:
    """Whether a second switch does nothing, and nothing differs."""
    again = activate(machine, units).result["outcome"] == "nothing-to-do"
    return again and engine(machine, "status").result["drift"] == []


def test_settings_for_what_has_no_file_of_the_distribution(machine: Machine) -> None:
    """Slices and the mount of the root are made by systemd, others by generators: none is stopped for our settings."""
    have_managers(machine, "admin")
    user = machine.run("id -u admin").stdout.strip()
    manager = main_process(machine, f"user@{user}.service")
    machine.write(
        "/etc/init.d/old",
        "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: old\n# Required-Start:\n# Required-Stop:\n"
        "# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\n"
        "case $1 in start) sleep infinity & ;; esac\n",
    )
    machine.run("chmod +x /etc/init.d/old; mkdir /srv/f; echo 'tmpfs /srv/f tmpfs size=1M 0 0' >> /etc/fstab")
    machine.write("/lib/systemd/system/their-one.service", SLEEP)
    machine.run(
        "systemctl daemon-reload; systemctl start old.service srv-f.mount their-one.service; touch /srv/f/stays"
    )
    slices = {name: settings("[Slice]\nTasksMax=3000\n") for name in ("system.slice", f"user-{user}.slice")}
    ours = {
        **slices,
        "-.slice": settings("[Slice]\nIOAccounting=yes\n"),
        "init.scope": settings("[Scope]\nTasksMax=3000\n"),
        "srv-f.mount": settings("[Mount]\nOptions=size=2M\n"),
        "old.service": settings("[Service]\nNice=3\n"),
        "their-.service": settings("[Service]\nEnvironment=V=2\n"),
    }
    cycled = ["old.service", "their-one.service"]
    assert activate(machine, ours).actions == {"stop": cycled, "reload": ["srv-f.mount"], "start": cycled}
    assert [show(machine, name, "TasksMax") for name in (*slices, "init.scope")] == ["3000"] * 3
    assert "size=2048k" in machine.run("findmnt --noheadings --output OPTIONS /srv/f; test -e /srv/f/stays").stdout
    assert version_of(machine, "their-one.service") == "2"
    assert is_as_left(machine, ours)
    assert activate(machine, {}).actions == {"stop": cycled, "reload": ["srv-f.mount"], "start": cycled}
    assert version_of(machine, "their-one.service") == ""
    machine.run("test -e /srv/f/stays")

    # whole units in the place of slices and targets that everything is in
    whole = {name: Described("[Slice]\nTasksMax=2000\n") for name in ("system.slice", "user.slice")}
    whole["multi-user.target"] = Described("[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n")
    assert activate(machine, whole).actions == {}
    assert show(machine, "user.slice", "TasksMax") == "2000"
    assert engine(machine, "deactivate").actions == {}
    assert show(machine, "user.slice", "TasksMax") == "infinity"
    assert main_process(machine, f"user@{user}.service") == manager


def test_what_something_else_starts_again_runs_with_the_definition_that_counts(machine: Machine) -> None:
    """A path, a timer, or a unit that upholds it starts a service as soon as it is stopped, from its old definition."""
    machine.run("touch /run/there")
    names = ("by-path.service", "by-timer.service", "upheld.service")

    def units(number: int) -> dict[str, Described]:
        timer = "[Timer]\nOnActiveSec=0\nOnUnitInactiveSec=1ms\nAccuracySec=1us\n"
        return {
            "by-path.path": service("[Path]\nPathExists=/run/there\n"),
            "by-timer.timer": service(timer, wanted_by="timers.target"),
            "upholds.target": service("[Unit]\nUpholds=upheld.service\n"),
            **{name: service(in_version(number), wanted_by="") for name in names},
        }

    activate(machine, units(1))
    machine.run(["systemctl", "start", *names])
    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(machine, {**units(2), **bad}, ends_with=3)
    assert [version_of(machine, name) for name in names] == ["1"] * 3, "taken back"
    changed = activate(machine, units(2)).actions
    assert changed == {"stop": list(names), "start": list(names)}
    assert [version_of(machine, name) for name in names] == ["2"] * 3
    assert is_as_left(machine, units(2))

    # what goes does not come back with a definition that is not there any more
    machine.write("/lib/systemd/system/theirs.target", "[Unit]\nUpholds=upheld.service\n")
    machine.run("systemctl daemon-reload; systemctl start theirs.target")
    left = {name: unit for name, unit in units(2).items() if name not in {"upheld.service", "upholds.target"}}
    activate(machine, left)
    assert state(machine, "upheld.service") == "inactive"


def test_units_that_conflict(machine: Machine) -> None:
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    one = {"one.service": service()}
    both = {**one, "other.service": service(f"[Unit]\nConflicts=one.service theirs.service\n{SLEEP}")}
    everything = [*both, "theirs.service"]
    activate(machine, one)
    assert activate(machine, both).actions == {"stop": ["one.service", "theirs.service"], "start": ["other.service"]}
    assert [state(machine, name) for name in everything] == ["inactive", "active", "inactive"]
    assert is_as_left(machine, both)
    assert activate(machine, both, "--repair").result["outcome"] == "nothing-to-do"
    assert activate(machine, one).actions == {"stop": ["other.service"], "start": ["one.service", "theirs.service"]}
    assert [state(machine, name) for name in everything] == ["active", "inactive", "active"]
    assert is_as_left(machine, one)
    # of two that are new, one is not started, and the plan says which
    activate(machine, {})
    assert activate(machine, both).actions == {
        "keep": ["one.service"],
        "stop": ["theirs.service"],
        "start": ["other.service"],
    }
    assert is_as_left(machine, both)


def test_what_is_not_up_although_nothing_failed(machine: Machine) -> None:
    waits = {"waits.service": service("[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\nRemainAfterExit=yes\n")}
    path = toplevel(machine, waits)
    until = 'until test "$(systemctl show -P ActiveState waits)" = activating; do sleep 0.1; done'
    for command in ("systemctl cancel", "systemctl stop waits"):
        activation = f"system-manager-engine activate --toplevel {path} > /run/said; echo $? > /run/code"
        machine.run(f"({activation}) & {until}; {command}; wait")
        assert machine.run("cat /run/code").stdout == "3\n", command
        assert "waits.service" in machine.run("tail -n 1 /run/said").stdout

    # nobody stopped what its own condition keeps down
    def choosy(number: int) -> dict[str, Described]:
        return {
            "choosy.service": service(f"[Service]\nExecCondition=test -e /run/go-{number}\nExecStart=sleep infinity\n")
        }

    activate(machine, choosy(1))
    assert is_as_left(machine, choosy(1))
    machine.run("touch /run/go-2")
    assert activate(machine, choosy(2)).actions == {"start": ["choosy.service"]}

    # a socket whose service failed too often is there again with a service that works
    def socket(command: str) -> dict[str, Described]:
        listens = service("[Socket]\nListenStream=/run/s\nTriggerLimitBurst=1\n", wanted_by="sockets.target")
        return {"s.socket": listens, "s.service": service(f"[Service]\nExecStart={command}\n", wanted_by="")}

    activate(machine, socket("/bin/false"))
    machine.run("""python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("/run/s")'""")
    machine.run('until test "$(systemctl show -P ActiveState s.socket)" = failed; do sleep 0.1; done')
    assert activate(machine, socket("/bin/sleep infinity")).actions == {"start": ["s.socket"]}
    assert is_as_left(machine, socket("/bin/sleep infinity"))

    # what stops with an error has not failed: it was to stop
    def stops_badly(number: int) -> dict[str, Described]:
        listens = service("[Socket]\nListenStream=/run/b\n", wanted_by="sockets.target")
        return {"b.socket": listens, "b.service": service(in_version(number, "ExecStop=/bin/false"), wanted_by="")}

    activate(machine, stops_badly(1))
    machine.run("systemctl start b.service")
    activate(machine, stops_badly(2))
    assert is_as_left(machine, stops_badly(2))
    machine.run("systemctl start b.service")
    activate(machine, {"b.service": Described(None, masked=True)})
    assert machine.run("systemctl --failed --plain --no-legend").stdout == ""


def test_what_goes_down_together_and_names_of_instances(machine: Machine) -> None:
    machine.write("/lib/systemd/system/refusing.service", f"[Unit]\nRefuseManualStop=True\n{SLEEP}")
    machine.run("systemctl daemon-reload; systemctl start refusing.service")
    needs = "[Unit]\nAfter=a.service\n{}=a.service\n" + SLEEP

    def units(number: int) -> dict[str, Described]:
        return {
            "a.service": service(in_version(number)),
            "requisite.service": service(needs.format("Requisite")),
            "stopped.service": service(needs.format("StopPropagatedFrom")),
            "by-template@.service": Described(in_version(number), aliases=("known-as@.service",)),
            "known-as@x.service": Described(None, links={"wantedBy": ["multi-user.target"]}),
            "refusing.service": Described(None, masked=True),
        }

    started = activate(machine, units(1)).actions
    assert started["keep"] == ["refusing.service"]
    together = ["a.service", "requisite.service", "stopped.service"]
    assert activate(machine, units(2)).actions == {
        "stop": ["a.service", "by-template@x.service"],
        "start": ["a.service", "by-template@x.service", *together[1:]],
    }
    assert [state(machine, name) for name in together] == ["active"] * 3
    assert version_of(machine, "known-as@x.service") == "2"
    assert engine(machine, "status").result["drift"] == [
        {"subject": "unit", "target": "refusing.service", "what": "runs although it is masked"}
    ]

    # what only other units may start is restarted with what it is bound to
    bound = service(
        f"[Unit]\nBindsTo=a.service\nAfter=a.service\nRefuseManualStart=yes\n{SLEEP}", wanted_by="wants.service"
    )
    refuses = {"bound.service": bound, "wants.service": service(f"[Unit]\nWants=bound.service\n{SLEEP}")}
    activate(machine, {"a.service": service(in_version(3)), **refuses})
    again = activate(machine, {"a.service": service(in_version(4)), **refuses})
    assert again.actions == {"restart": ["a.service"]}
    assert [state(machine, name) for name in refuses] == ["active", "active"]

    refused = activate(machine, {"x.scope": Described("[Scope]\nTasksMax=9\n")}, ends_with=1)
    assert "x.scope" in refused.result["error"]["what"]


def test_what_others_start_is_told_and_taken_back(machine: Machine) -> None:
    """Dependencies, and what runs on failures, are not in the plan."""
    fails = (
        "[Unit]\nOnFailure=tells@%n.service\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo the reason; exit 9'\n"
    )
    units = {
        "deep.service": service(fails, wanted_by=""),
        "middle.service": service(f"[Unit]\nRequires=deep.service\nAfter=deep.service\n{SLEEP}", wanted_by=""),
        "needed.service": service(wanted_by=""),
        "shallow.service": service(
            f"[Unit]\nRequires=middle.service needed.service\nAfter=middle.service needed.service\n{SLEEP}"
        ),
        "tells@.service": Described(SLEEP),
    }
    failed = activate(machine, units, ends_with=3)
    assert failed.actions == {}
    what = failed.result["error"]["what"]
    assert "shallow.service could not run because a unit that it needs failed" in what
    assert "deep.service failed with status 9" in what
    assert "    the reason" in what
    for name in ("deep.service", "middle.service", "needed.service", "tells@deep.service.service"):
        assert state(machine, name) == "inactive", name
    assert machine.run("systemctl --failed --plain --no-legend").stdout == ""

    # an early unit that fails does not run a second time
    early = "[Unit]\nBefore=sysinit-reactivation.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
    runs = early + "ExecStart=/bin/sh -c 'echo ran >> /run/ran; exit 5'\n"
    target = {"sysinit-reactivation.target": service("[Unit]\nDescription=early\n", wanted_by="")}
    wanted = service(runs, wanted_by="", requiredBy=["sysinit-reactivation.target"])
    failed = activate(machine, {**target, "early.service": wanted}, ends_with=3)
    assert "early.service failed with status 5" in failed.result["error"]["what"]
    assert machine.run("cat /run/ran").stdout == "ran\n"

    # what needs a unit that goes is stopped with it, and the plan says so
    needs = {"needs.service": service(f"[Unit]\nRequires=needed.service\n{SLEEP}")}
    activate(machine, {**needs, "needed.service": service()})
    assert activate(machine, needs).actions == {"stop": ["needed.service", "needs.service"]}


def test_a_switch_while_the_machine_boots(machine: Machine) -> None:
    """What multi-user.target wants was decided when the boot began; the boot goes on when the switch has ended."""
    path = toplevel(
        machine,
        {
            "ours.target": service("[Unit]\nDescription=ours\n"),
            "in-ours.service": service(wanted_by="ours.target"),
            "last.service": service(f"[Unit]\nAfter=multi-user.target\n{SLEEP}"),
        },
    )
    run = f"/bin/sh -c 'system-manager-engine activate --toplevel {path} > /run/said; echo $? > /run/code'"
    machine.write(
        "/etc/systemd/system/provision.service",
        f"[Unit]\nAfter=dbus.socket\n[Service]\nType=oneshot\nExecStart={run}\n",
    )
    machine.run("systemctl add-wants multi-user.target provision.service")
    machine.reboot()
    machine.run('until test "$(systemctl show -P ActiveState multi-user.target)" = active; do sleep 0.1; done')
    assert machine.run("cat /run/code").stdout == "0\n"
    said = machine.run("tail -n 1 /run/said").stdout
    assert "starts when this boot has reached multi-user.target" in said
    machine.run('until test "$(systemctl show -P ActiveState last.service)" = active; do sleep 0.1; done')
    assert [state(machine, name) for name in ("ours.target", "in-ours.service")] == ["active", "active"]
    assert engine(machine, "status").result["drift"] == []


RELOADS = """
import os, signal, socket, time

def say(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])

def reload(*_):
    say(f"RELOADING=1\\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
    say("READY=1")

signal.signal(signal.SIGHUP, reload)
say("READY=1")
while True:
    time.sleep(1000)
"""


def test_what_systemd_may_be_too_old_to_reload(machine: Machine) -> None:
    """Before version 253 it passes over Type=notify-reload, and the service cannot be reloaded at all."""
    machine.write("/root/reloads.py", RELOADS)
    text = "[Service]\nType=notify-reload\nNotifyAccess=all\nExecStart=python3 /root/reloads.py\n"

    def units(number: int) -> dict[str, Described]:
        return {"s.service": service(f"[Unit]\nX-Reload-Triggers={number}\n{text}")}

    activate(machine, units(1))
    knows = show(machine, "s.service", "CanReload") == "yes"
    process = main_process(machine, "s.service")
    assert activate(machine, units(2)).actions == {"reload" if knows else "restart": ["s.service"]}
    assert (main_process(machine, "s.service") == process) is knows
    assert is_as_left(machine, units(2))
