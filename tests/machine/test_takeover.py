"""A machine that numtide/system-manager has managed until now: nothing of what it did is orphaned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.machine.unit_machine import SLEEP, activate, engine, main_process, service, state
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

STORE = "/nix/store/zzz"
TOPLEVEL = f"{STORE}-system-manager"
PROFILE = "/nix/var/nix/profiles/system-manager-profiles/system-manager"
UNITS = "/etc/systemd/system"
SERVICES = {"web.service": f"{SLEEP}Environment=FROM=before\n", "old.service": SLEEP}
FILES = {f"{UNITS}/{name}": f"{STORE}-unit-{name}/{name}" for name in SERVICES} | {
    f"{UNITS}/system-manager.target": f"{STORE}-unit-system-manager.target/system-manager.target",
    f"{UNITS}/system-manager.target.wants/web.service": f"{STORE}-unit-web.service/web.service",
    f"{UNITS}/system-manager.target.wants/old.service": f"{STORE}-unit-old.service/old.service",
    f"{UNITS}/default.target.wants/system-manager.target": f"{STORE}-unit-system-manager.target/system-manager.target",
    "/etc/motd": f"{STORE}-motd",
}


def put_as_it_would(machine: Machine) -> None:
    """Everything as numtide/system-manager leaves it after switching to one generation."""
    for name, text in SERVICES.items():
        machine.write(f"{STORE}-unit-{name}/{name}", text)
    machine.write(f"{STORE}-unit-system-manager.target/system-manager.target", "[Unit]\nDescription=theirs\n")
    machine.write(f"{STORE}-motd", "from before\n")
    machine.run("mv /etc/motd /etc/motd.system-manager-backup")
    for path, source in FILES.items():
        for place in (path, f"{STORE}-env/{path.removeprefix('/etc/')}"):
            machine.run(f"mkdir -p {place.rpartition('/')[0]}; ln -sfn {source} {place}")
    entry = {"enable": True, "target": "motd", "text": None, "source": f"{STORE}-motd", "mode": "symlink", "uid": 0,
             "gid": 0, "user": "+0", "group": "+0", "replaceExisting": True}  # fmt: skip
    services = {
        **{name: {"storePath": f"{STORE}-unit-{name}/{name}", "masked": False} for name in SERVICES},
        "system-manager.target": {"storePath": f"{STORE}-unit-system-manager.target/system-manager.target"},
        "theirs.service": {"storePath": None, "masked": True},
    }
    machine.write(
        f"{TOPLEVEL}/etcFiles/etcFiles.json", json.dumps({"entries": {"motd": entry}, "staticEnv": f"{STORE}-env"})
    )
    machine.write(f"{TOPLEVEL}/services/services.json", json.dumps(services))
    record = {
        "fileTree": {"files": [path for path in FILES if path != "/etc/motd"], "backedUpFiles": ["/etc/motd"]},
        "services": services,
        "version": 1,
    }
    machine.write("/var/lib/system-manager/state/system-manager-state.json", json.dumps(record))
    machine.run(
        f"""
        mkdir -p {PROFILE.rpartition("/")[0]} /nix/var/nix/gcroots
        ln -s {TOPLEVEL} {PROFILE}-4-link; ln -s system-manager-4-link {PROFILE}
        ln -s {TOPLEVEL} /nix/var/nix/gcroots/system-manager-current
        systemctl stop theirs.service; systemctl mask --quiet theirs.service
        systemctl daemon-reload; systemctl start system-manager.target
        """
    )


def test_from_it_to_ours_and_back_and_out(machine: Machine) -> None:
    machine.write("/etc/motd", "the administrator's\n")
    machine.write("/lib/systemd/system/theirs.service", f"{SLEEP}[Install]\nWantedBy=multi-user.target\n")
    machine.run("systemctl daemon-reload; systemctl enable --quiet --now theirs.service")
    before = machine.snapshot("/etc")
    put_as_it_would(machine)
    assert [state(machine, name) for name in ("web.service", "old.service", "theirs.service")] == [
        "active",
        "active",
        "inactive",
    ]
    steady = main_process(machine, "web.service")
    known = engine(machine, "status").result
    assert (known["toplevel"], known["generation"], known["drift"]) == (TOPLEVEL, 4, [])

    # The same service goes on undisturbed, what is not wanted any more ends, and the distribution's own is back.
    ours = activate(machine, {"web.service": service(SERVICES["web.service"]), "fresh.service": service()})
    assert any("numtide/system-manager manages is taken over" in notice for notice in ours.result["notices"])
    assert (ours.result["generation"], main_process(machine, "web.service")) == (5, steady)
    assert [state(machine, name) for name in ("old.service", "fresh.service", "theirs.service")] == [
        "inactive",
        "active",
        "active",
    ]
    assert machine.run("cat /etc/motd").stdout == "the administrator's\n"
    assert engine(machine, "status").result["drift"] == []
    assert not machine.path("/var/lib/system-manager/state/system-manager-state.json").exists()

    engine(machine, "rollback")
    assert [state(machine, name) for name in ("old.service", "fresh.service", "theirs.service")] == [
        "active",
        "inactive",
        "inactive",
    ]
    assert machine.run("cat /etc/motd").stdout == "from before\n"
    status = engine(machine, "status").result
    assert (status["toplevel"], status["generation"], status["drift"]) == (TOPLEVEL, 4, [])

    engine(machine, "deactivate")
    after = machine.snapshot("/etc")
    # Directories that it made are not in its record.
    assert {name: entry for name, entry in after.items() if name in before} == before
    assert {entry.kind for name, entry in after.items() if name not in before} <= {"directory"}
    assert [state(machine, name) for name in ("web.service", "old.service", "theirs.service")] == [
        "inactive",
        "inactive",
        "active",
    ]

    # Until 1.1.0 every link led through one to the environment: the service goes on undisturbed all the same.
    put_as_it_would(machine)
    put_as_before_1_2(machine)
    steady = main_process(machine, "web.service")
    activate(machine, {"web.service": service(SERVICES["web.service"])})
    assert main_process(machine, "web.service") == steady
    assert state(machine, "old.service") == "inactive"
    assert engine(machine, "status").result["drift"] == []
    assert not machine.path("/etc/.system-manager-static").is_symlink()


def put_as_before_1_2(machine: Machine) -> None:
    """The same machine as versions until 1.1.0 leave it: links through one, and a tree as the record."""
    static = "/etc/.system-manager-static"
    machine.run(f"ln -s {STORE}-env {static}")
    top: dict[str, Any] = {"status": "unmanaged", "path": "/", "nested": {}}
    for path in (*FILES, static):
        tree = top
        for part in path.removeprefix("/").split("/"):
            place = f"{tree['path'].rstrip('/')}/{part}"
            tree = tree["nested"].setdefault(part, {"status": "unmanaged", "path": place, "nested": {}})
        tree["status"] = "managed"
        if path != static:
            up = "../" * (path.count("/") - 2)
            machine.run(f"ln -sfn ./{up}.system-manager-static/{path.removeprefix('/etc/')} {path}")
    top["nested"]["etc"]["nested"]["motd"]["status"] = "managedWithBackup"
    services = {name: {"storePath": f"{STORE}-unit-{name}/{name}"} for name in SERVICES}
    machine.write(
        "/var/lib/system-manager/state/system-manager-state.json", json.dumps({"fileTree": top, "services": services})
    )
    machine.run("systemctl daemon-reload")
