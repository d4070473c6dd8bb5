"""Drift on a running machine is reported, and ``--repair`` puts right exactly what is reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.machine.steps import command
from tests.machine.test_user_units import have_managers
from tests.machine.unit_machine import SLEEP, Described, activate, engine, main_process, service, state, toplevel
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
        touch /run/die; systemctl restart dies.service || true
        until systemctl is-failed -q dies.service; do sleep 0.1; done; rm /run/die
        systemctl disable --quiet b.service
        echo edited > /etc/app.conf; chmod 0600 /etc/app.conf
        """
    )
    assert drift(machine) == {
        "/etc/app.conf": "has another content and has mode 0600 instead of 0644",
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


def test_a_condition_that_nobody_has_looked_at_since_a_rollback(machine: Machine) -> None:
    units = {name: UNITS[name] for name in ("a.service", "never.service")}
    activate(machine, units)
    activate(machine, {"fails.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}, ends_with=3)
    assert drift(machine) == {}
    assert activate(machine, units, "--repair").result["outcome"] == "nothing-to-do"


SYSTEM = "/etc/systemd/system"
RULES = "/etc/tmpfiles.d/ours.conf"
USER = {"group": "app", "createHome": True, "home": "/home/app", "shell": "/bin/sh", "expires": "2090-01-01"}
UNITS_OF_EACH_KIND = {
    "a.service": service(),
    "a.socket": service("[Socket]\nListenStream=/run/a.socket\nService=a.service\n", wanted_by="sockets.target"),
    "dies.service": service("[Service]\nExecStart=/bin/sh -c 'test -e /run/die && exit 3; exec sleep infinity'\n"),
    "held.service": Described(None, masked=True),
    "named.service": Described(SLEEP, links={"wantedBy": ["multi-user.target"]}, aliases=("other-name.service",)),
    "on@1.2.service": Described(None, links={"wantedBy": ["multi-user.target"]}),
    "on@.service": Described(SLEEP),
    "regular.timer": service("[Timer]\nOnCalendar=yearly\nUnit=a.service\n", wanted_by="timers.target"),
    "srv-here.mount": service("[Mount]\nWhat=tmpfs\nWhere=/srv/here\nType=tmpfs\n"),
    "systemd-journald.service": Described(None, drop_ins={"50-ours.conf": "[Service]\nEnvironment=OURS=1\n"}),
}
UNITS_OF_USERS = {"u.service": service(wanted_by="default.target")}
FILES_OF_EACH_KIND = {
    "/etc/app/deep/a.conf": "ours",
    RULES: "d /run/ours 0750 root adm -\nL+ /run/link - - - - /etc\n",
}
OTHERS: Mapping[str, Any] = {
    "tmpfiles": [RULES],
    "mutableUsers": False,
    "groups": {"app": {"gid": 4711, "members": ["admin"]}},
    "users": {
        "app": {
            **USER,
            "hashedPassword": "$6$salt$abc",
            "subUidRanges": [{"start": 300000, "count": 100}],
            "subGidRanges": [{"start": 300000, "count": 100}],
            "linger": False,
        },
        "admin": {"given": ["linger"], "linger": True, "group": "admin", "home": "/home/admin"},
    },
}


@dataclass(frozen=True, slots=True)
class Damage:
    """What somebody did, what is said of it (a clause by target, ``*`` for any rest), and what a repair makes true."""

    done: str
    said: Mapping[str, str]
    then: str = "true"


DAMAGES = {
    "content of a copy": Damage("echo edited > /etc/app/deep/a.conf", {"/etc/app/deep/a.conf": "has another content"}),
    "mode of a copy": Damage(
        "chmod 0600 /etc/app/deep/a.conf", {"/etc/app/deep/a.conf": "has mode 0600 instead of 0644"}
    ),
    "owner of a copy": Damage(
        "chown 1:2 /etc/app/deep/a.conf", {"/etc/app/deep/a.conf": "belongs to 1:2 instead of 0:0"}
    ),
    "copy replaced by a link": Damage(
        "mv /etc/app/deep/a.conf /root; ln -s /root/a.conf /etc/app/deep", {"/etc/app/deep/a.conf": "is a link now"}
    ),
    "copy removed": Damage("rm /etc/app/deep/a.conf", {"/etc/app/deep/a.conf": "is missing"}),
    "directories removed": Damage("rm -r /etc/app", {"/etc/app/deep/a.conf": "is missing"}),
    "mode of a directory": Damage("chmod 0777 /etc/app", {"/etc/app": "has mode 0777 instead of 0755"}),
    "owner of a directory": Damage("chown 1:2 /etc/app/deep", {"/etc/app/deep": "belongs to 1:2 instead of 0:0"}),
    "link elsewhere": Damage(
        f"ln -sfn on@.service {SYSTEM}/other-name.service",
        {f"{SYSTEM}/other-name.service": "points to on@.service now"},
    ),
    "alias removed": Damage(f"rm {SYSTEM}/other-name.service", {f"{SYSTEM}/other-name.service": "is missing"}),
    "service stopped": Damage(
        "systemctl stop a.socket a.service", {"a.service": "is not running", "a.socket": "is not running"}
    ),
    "instance stopped": Damage("systemctl stop on@1.2.service", {"on@1.2.service": "is not running"}),
    "timer stopped": Damage("systemctl stop regular.timer", {"regular.timer": "is not running"}),
    "unmounted": Damage(
        "umount /srv/here; while systemctl is-active -q srv-here.mount; do sleep 0.1; done",
        {"srv-here.mount": "is not running"},
    ),
    "service failed": Damage(
        "touch /run/die; systemctl restart dies || true; until systemctl is-failed -q dies; do sleep 0.1; done;"
        "rm /run/die",
        {"dies.service": "failed"},
    ),
    "disabled": Damage(
        "systemctl -q disable named.service",
        {
            f"{SYSTEM}/multi-user.target.wants/named.service": "is missing",
            f"{SYSTEM}/named.service": "is missing",
            f"{SYSTEM}/other-name.service": "is missing",
        },
    ),
    "masked": Damage(
        f"ln -sf /dev/null {SYSTEM}/a.service; systemctl daemon-reload; systemctl stop a.socket a.service",
        {f"{SYSTEM}/a.service": "points to /dev/null now", "a.service": "is masked", "a.socket": "is not running"},
    ),
    "unmasked and started": Damage(
        f"rm {SYSTEM}/held.service; cp -L {SYSTEM}/named.service {SYSTEM}/held.service;"
        "systemctl daemon-reload; systemctl start held",
        {f"{SYSTEM}/held.service": "is a file now", "held.service": "runs although it is masked"},
    ),
    "drop-in removed": Damage(
        f"rm {SYSTEM}/systemd-journald.service.d/50-ours.conf; systemctl daemon-reload",
        {f"{SYSTEM}/systemd-journald.service.d/50-ours.conf": "is missing"},
    ),
    "drop-in edited, and not read": Damage(
        f"cd {SYSTEM}/systemd-journald.service.d; rm 50-ours.conf; echo [Service] > 50-ours.conf",
        {
            f"{SYSTEM}/systemd-journald.service.d/50-ours.conf": "is a file now",
            "systemd-journald.service": "has other files than those that systemd has read",
        },
    ),
    "unit read with another drop-in": Damage(
        "mkdir -p /run/systemd/system/a.service.d; cd /run/systemd/system/a.service.d; echo [Service] > x.conf;"
        "systemctl daemon-reload; rm x.conf",
        {"a.service": "has other files than those that systemd has read"},
    ),
    "edited and restarted": Damage(
        f"cd {SYSTEM}; cp -L named.service x; rm named.service; mv x named.service;"
        "echo Environment=BY=HAND >> named.service; systemctl daemon-reload; systemctl restart named",
        {f"{SYSTEM}/named.service": "is a file now"},
        "! grep -z BY=HAND /proc/$(systemctl show -P MainPID named)/environ",
    ),
    "unit of a user stopped": Damage(
        "XDG_RUNTIME_DIR=/run/user/$(id -u admin) runuser -u admin -- systemctl --user stop u.service",
        {"u.service": "is not running, in the service manager of admin"},
    ),
    "unit of users edited": Damage(
        "cd /etc/systemd/user; rm u.service; echo [Service] > u.service",
        {
            "/etc/systemd/user/u.service": "is a file now",
            "u.service": "has other files than those that systemd has read, in the service manager of admin",
        },
    ),
    "made by rules, removed": Damage(
        "rmdir /run/ours; rm /run/link",
        {"/run/link": f"is missing, which {RULES} has made", "/run/ours": f"is missing, which {RULES} has made"},
    ),
    "made by rules, mode": Damage(
        "chmod 0777 /run/ours", {"/run/ours": f"has mode 0777 instead of 0750, which {RULES} has made"}
    ),
    "made by rules, owner": Damage(
        "chown 1:1 /run/ours", {"/run/ours": f"belongs to 1:1 instead of 0:4, which {RULES} has made"}
    ),
    "made by rules, link": Damage(
        "ln -sfn /var /run/link", {"/run/link": f"points to /var now, which {RULES} has made"}
    ),
    "user removed": Damage("userdel app", {"user app": "is missing"}),
    "shell of a user": Damage("usermod --shell /bin/bash app", {"user app": "has shell /bin/bash instead of /bin/sh"}),
    "home of a user": Damage("usermod --home /srv app", {"user app": "has home /srv instead of /home/app"}),
    "home removed": Damage("rm -r /home/app", {"user app": "has no home: /home/app is missing"}),
    "password of a user": Damage("echo app:x | chpasswd", {"user app": "has another password"}),
    "expiry of a user": Damage(
        "chage --expiredate 2001-01-01 app", {"user app": "expires 2001-01-01 instead of 2090-01-01"}
    ),
    "member taken out": Damage("gpasswd -d admin app", {"group app": "has lost admin"}),
    "group number": Damage(
        "groupmod --gid 4712 app", {"group app": "has number 4712 instead of 4711", "user app": "*"}
    ),
    "subordinate uids": Damage(
        "usermod --del-subuids 300000-300099 app", {"user app": "has lost its ids in /etc/subuid"}
    ),
    "subordinate gids": Damage(
        "usermod --del-subgids 300000-300099 app", {"user app": "has lost its ids in /etc/subgid"}
    ),
    "lingering": Damage("rm /var/lib/systemd/linger/admin", {"user admin": "has lost its lingering services"}),
    "lingers": Damage("touch /var/lib/systemd/linger/app", {"user app": "has services that run without a login"}),
    "another generation": Damage(
        "cd /nix/var/nix/profiles/system-manager-profiles; ln -sfn system-manager-1-link system-manager",
        {"generation 1": "is selected, but*"},
    ),
    "boot unit": Damage(
        f"rm {SYSTEM}/system-manager-recover.service", {"system-manager-recover.service": "is missing*"}
    ),
}


def rounds() -> list[dict[str, Damage]]:
    """The damages, as many at a time as are about different things and are not undone by reading unit files again."""
    found: list[dict[str, Damage]] = []
    for name, damage in DAMAGES.items():
        alone = any("other files than" in what for what in damage.said.values())
        free = (one for one in found if not alone and not any(_meet(damage, other) for other in one.values()))
        chosen = next(free, None)
        if chosen is None:
            found.append(chosen := {})
        chosen[name] = damage
    return found


def _meet(one: Damage, two: Damage) -> bool:
    both = {*one.said.values(), *two.said.values()}
    return any("other files than" in what for what in both) or any(
        first.startswith(second) or second.startswith(first) for first in one.said for second in two.said
    )


def is_as_expected(said: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    return said.keys() == expected.keys() and all(
        said[target] == what or (what.endswith("*") and said[target].startswith(what[:-1]))
        for target, what in expected.items()
    )


def test_each_kind_of_thing(machine: Machine) -> None:
    """Damaged by hand, named by ``status``, put right by ``--repair``."""
    have_managers(machine, "admin")
    machine.run("mkdir -p /srv/here")
    activate(machine, {}, settleTime=0)
    path = toplevel(machine, UNITS_OF_EACH_KIND, FILES_OF_EACH_KIND, UNITS_OF_USERS, settleTime=0, **OTHERS)
    engine(machine, "activate", "--toplevel", path)
    wrong = []
    for damages in rounds():
        machine.run("\n".join(f"( set -e; {damage.done} ) || exit" for damage in damages.values()))
        said = drift(machine)
        expected = {target: what for damage in damages.values() for target, what in damage.said.items()}
        if not is_as_expected(said, expected):
            wrong.append(f"after {list(damages)} status says {said}")
        repaired = engine(machine, "activate", "--toplevel", path, "--repair")
        if rest := drift(machine):
            wrong.append(f"after {list(damages)} and the repair ({repaired.result['steps']}) there is {rest}")
        for damage in damages.values():
            if machine.run(damage.then, check=False).returncode != 0:
                wrong.append(f"this is not true after the repair: {damage.then}")
    assert not wrong, "\n".join(wrong)
    assert command(machine, "status", "--exit-code").returncode == 0
    machine.run("chmod 0700 /etc/app")
    assert "/etc/app has mode 0700 instead of 0755" in command(machine, "status", "--exit-code", ends_with=5).stdout
    shown = json.loads(command(machine, "status", "--json", "--exit-code", ends_with=5).stdout)
    assert shown["drift"] == [{"subject": "directory", "target": "/etc/app", "what": "has mode 0700 instead of 0755"}]


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


def test_a_unit_of_the_distribution_that_somebody_masked(machine: Machine) -> None:
    """Our settings for it are there; whether it runs is not ours to say."""
    machine.write("/lib/systemd/system/theirs.service", SLEEP)
    units = {
        "a.service": service(),
        "theirs.service": Described(None, {"x.conf": "[Service]\nNice=1\n"}, links={"wantedBy": ["multi-user.target"]}),
    }
    activate(machine, units)
    machine.run("systemctl mask --now --quiet theirs.service; systemctl stop a.service")
    assert drift(machine) == {"a.service": "is not running", "theirs.service": "is masked"}
    assert activate(machine, units, "--repair").actions == {"keep": ["theirs.service"], "start": ["a.service"]}
    machine.run("systemctl unmask --quiet theirs.service")
    assert activate(machine, units, "--repair").actions == {"start": ["theirs.service"]}
    assert drift(machine) == {}


def test_the_boot_unit(machine: Machine) -> None:
    activate(machine, UNITS)
    machine.run("rm /etc/systemd/system/system-manager-recover.service")
    assert "system-manager-recover.service" in drift(machine)
    assert activate(machine, UNITS).result["outcome"] == "nothing-to-do"
    assert drift(machine) == {}


def test_a_lost_record(machine: Machine) -> None:
    """What the links say runs is ours: nothing is restarted, and nothing is left behind in the end."""
    before = machine.snapshot("/etc")
    units = {"a.service": service(), "stopped.service": service(), "held.service": Described(None, masked=True)}
    activate(machine, units, files=FILES)
    machine.run("systemctl stop stopped.service; rm /var/lib/system-manager/state.json")
    process = main_process(machine, "a.service")
    again = activate(machine, units, files=FILES)
    assert (again.actions, main_process(machine, "a.service")) == ({}, process)
    assert state(machine, "stopped.service") == "inactive"
    assert sorted(engine(machine, "deactivate").actions) == ["stop"]
    assert machine.snapshot("/etc") == before
