"""Distribution packages that a generation needs: installed quietly, pinned, taken back, removed when ours."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.machine.steps import command, switch
from tests.machine.unit_machine import Described, engine, service, state, toplevel
from tests.support.machine import Machine

pytestmark = pytest.mark.machine


def with_packages(machine: Machine, *wanted: str, units: dict[str, Described] | None = None) -> str:
    """A toplevel that needs packages, each given as ``name=version``; their files are in its store."""
    path = toplevel(machine, units or {})
    manifest = json.loads(machine.path(f"{path}/manifest.json").read_text())
    manifest["packages"] = []
    for one in wanted:
        name, version = one.split("=")
        found = machine.run(f"ls /srv/apt/pool/{name}_{version}*.deb").stdout.strip()
        digest = hashlib.sha256(one.encode()).hexdigest()[:32]
        deb, package = f"/nix/store/{digest}-{name}.deb", f"/nix/store/{digest}-{name}-{version}"
        machine.run(["mkdir", "-p", "/nix/store"])
        machine.run(["cp", found, deb])
        described = {"name": name, "version": version, "architecture": "all", "sha256": "", "file": deb}
        machine.write(f"{package}/nix-support/distro-package.json", json.dumps(described))
        manifest["packages"].append(package)
    text = json.dumps(manifest)
    path = f"/nix/store/{hashlib.sha256(text.encode()).hexdigest()[:32]}-system-manager"
    machine.write(f"{path}/manifest.json", text)
    return path


def activate(machine: Machine, path: str, ends_with: int = 0) -> dict[str, object]:
    return engine(machine, "activate", "--toplevel", path, ends_with=ends_with).result


def version(machine: Machine, name: str = "greeter") -> str:
    """The installed version; empty for none."""
    said = machine.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Version}", name], check=False
    ).stdout
    return said.split()[1] if said.startswith("ii") else ""


def test_a_package_comes_and_goes_with_its_generation(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    result = activate(machine, with_packages(machine, "greeter=1.0"))
    assert ["install", "greeter", "1.0"] in [
        [step["action"], step["target"], step["detail"]]
        for step in result["steps"]  # type: ignore[attr-defined] # JSON
    ]
    assert version(machine) == "1.0"
    assert state(machine, "greeter.service") == "inactive", "a package must not start its own service"

    activate(machine, with_packages(machine, "greeter=2.0"))
    assert version(machine) == "2.0"
    engine(machine, "rollback")
    assert version(machine) == "1.0", "the old version comes back from the store"
    assert activate(machine, with_packages(machine, "greeter=1.0"))["outcome"] == "nothing-to-do"

    activate(machine, with_packages(machine))
    assert version(machine) == ""
    engine(machine, "deactivate")
    assert machine.snapshot("/etc") == before


def test_what_was_installed_before_is_never_changed(machine: Machine) -> None:
    machine.run("apt-get install -q -y greeter=1.0; systemctl stop greeter")
    result = activate(machine, with_packages(machine, "greeter=2.0"))
    assert version(machine) == "1.0"
    assert "greeter 1.0 was on this machine before" in str(result["notices"])
    engine(machine, "deactivate")
    assert version(machine) == "1.0"


def test_a_failing_unit_takes_the_package_away_again(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(machine, with_packages(machine, "greeter=1.0", units=bad), ends_with=3)
    assert version(machine) == ""
    assert machine.snapshot("/etc") == before


def test_a_conflict_that_shows_after_installing_takes_the_package_away_again(machine: Machine) -> None:
    """Who owns a file is asked only then, since packages bring users."""
    path = with_packages(machine, "greeter=1.0")
    manifest = json.loads(machine.path(f"{path}/manifest.json").read_text())
    source = f"{path}/manifest.json"
    manifest["files"] = [{"kind": "copy", "target": "/etc/x", "source": source, "mode": "0400", "user": "unheard-of"}]
    path = f"/nix/store/{hashlib.sha256(b'conflict').hexdigest()[:32]}-system-manager"
    machine.write(f"{path}/manifest.json", json.dumps(manifest))
    error = activate(machine, path, ends_with=3)["error"]
    assert "/etc/x: there is no user 'unheard-of'" in str(error)
    assert "nothing was changed" not in str(error)
    assert version(machine) == ""


def test_a_unit_may_run_what_its_package_brings(machine: Machine) -> None:
    unit = {"hello.service": service("[Service]\nType=oneshot\nRemainAfterExit=true\nExecStart=/usr/bin/greeter\n")}
    activate(machine, with_packages(machine, "greeter=1.0", units=unit))
    assert state(machine, "hello.service") == "active"


def test_the_unit_of_the_package_is_replaced_by_ours(machine: Machine) -> None:
    ours = {"greeter.service": service("[Service]\nEnvironment=OURS=1\nExecStart=/bin/sleep infinity\n")}
    activate(machine, with_packages(machine, "greeter=1.0", units=ours))
    assert "OURS" in machine.run("systemctl show -P Environment greeter.service").stdout
    engine(machine, "deactivate")
    assert (state(machine, "greeter.service"), version(machine)) == ("inactive", "")


def test_killed_while_a_package_is_being_installed(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    path = with_packages(machine, "greeter=1.0")
    for moment in (0.4, 0.8, 1.2):
        machine.run(
            f"timeout --signal=KILL {moment} system-manager-engine activate --toplevel {path} >/dev/null", check=False
        )
        machine.run("while pgrep -x 'apt-get|dpkg' >/dev/null; do sleep 0.2; done")
        engine(machine, "recover")
        if version(machine) == "":
            assert machine.snapshot("/etc") == before
    activate(machine, path)
    assert version(machine) == "1.0"


def test_a_package_that_somebody_removed_or_upgraded_is_drift(machine: Machine) -> None:
    path = with_packages(machine, "greeter=1.0")
    activate(machine, path)
    for done, what in (
        ("apt-get remove -q -y greeter", "is not installed any more"),
        ("apt-get install -q -y greeter=2.0", "is 2.0 instead of 1.0"),
    ):
        machine.run(done)
        drift = engine(machine, "status").result["drift"]
        assert drift == [{"subject": "package", "target": "greeter", "what": what}]
        engine(machine, "activate", "--toplevel", path, "--repair")
        assert (version(machine), engine(machine, "status").result["drift"]) == ("1.0", [])


CONFIGURED = """
build() {
    mkdir -p /tmp/p/DEBIAN /tmp/p/etc/configured
    printf 'Package: configured\\nVersion: %s\\nArchitecture: all\\nMaintainer: x <x@y>\\nDescription: x\\n' $1 \
        > /tmp/p/DEBIAN/control
    printf '/etc/configured/copy\\n/etc/configured/link\\n' > /tmp/p/DEBIAN/conffiles
    echo version $1 > /tmp/p/etc/configured/copy
    echo version $1 > /tmp/p/etc/configured/link
    dpkg-deb --build --root-owner-group /tmp/p /root/configured-$1.deb > /dev/null
    rm -r /tmp/p
}
build 1; build 2; build 3; dpkg --install /root/configured-1.deb
"""


def test_a_package_is_upgraded_under_files_of_ours(machine: Machine) -> None:
    """What dpkg leaves, keeps or replaces of its own configuration; it follows links, into the store as well."""
    machine.run(CONFIGURED)
    source = "/nix/store/00000000000000000000000000000000-ours"
    machine.write(source, "ours\n")
    machine.run(f"chmod 0444 {source}; touch --date=@1 {source}")
    files = [
        {"kind": "copy", "target": "/etc/configured/copy", "source": source, "mode": "0644", "replaceExisting": True},
        {"kind": "link", "target": "/etc/configured/link", "source": source, "replaceExisting": True},
    ]
    path = "/nix/store/11111111111111111111111111111111-system-manager"
    machine.write(f"{path}/manifest.json", json.dumps({"version": 1, "files": files}))
    activate(machine, path)
    machine.run("dpkg --force-confold --install /root/configured-2.deb")
    assert engine(machine, "status").result["drift"] == []
    assert machine.run("cat /etc/configured/copy /etc/configured/link").stdout == "ours\nours\n"

    machine.run("dpkg --force-confnew --install /root/configured-3.deb")
    assert machine.run(f"cat {source} /etc/configured/link").stdout == "ours\nours\n", "a link is never written through"
    drift = engine(machine, "status").result["drift"]
    assert drift == [{"subject": "file", "target": "/etc/configured/copy", "what": "has another content"}]
    activate(machine, path)
    assert machine.run("cat /etc/configured/copy").stdout == "ours\n"
    kept = "/var/lib/system-manager/backups/edited"
    assert machine.run(f"cat $(find {kept} -type f)").stdout == "version 3\n"


def test_a_package_is_purged_and_takes_a_store_path_along(machine: Machine) -> None:
    """dpkg follows the link that is in the place of its file, and removes what it leads to."""
    machine.run(CONFIGURED)
    configuration = '{ environment.etc."configured/link" = { text = "ours"; replaceExisting = true; }; }'
    switch(machine, configuration)
    source = machine.run("readlink -f /etc/configured/link").stdout
    machine.run("dpkg --purge configured")
    shown = command(machine, "status", "--exit-code", ends_with=5).stdout
    assert "/etc/configured/link leads to a store path that is missing" in shown
    assert "made again" in switch(machine, configuration, "--repair").stderr
    assert machine.run("readlink -f /etc/configured/link; cat /etc/configured/link").stdout == f"{source}ours"
    assert command(machine, "status", "--exit-code").returncode == 0


OURS = "[Service]\nEnvironment=OURS=1\n"


@pytest.mark.parametrize(
    ("ours", "runs"),
    [
        (Described(None, drop_ins={"50-ours.conf": OURS}), True),
        (Described(f"{OURS}ExecStart=/bin/sleep infinity\n"), True),
        (Described(None, masked=True), False),
    ],
    ids=["drop-in", "replaced", "masked"],
)
def test_a_package_is_upgraded_under_a_unit_of_ours(ours: Described, runs: bool, machine: Machine) -> None:
    """Its scripts enable, start and restart the unit; what it is stays what we said."""
    machine.run("apt-get install -q -y greeter=1.0; systemctl start greeter.service")
    engine(machine, "activate", "--toplevel", toplevel(machine, {"greeter.service": ours}))
    machine.run("apt-get install -q -y greeter=2.0", check=runs)
    assert engine(machine, "status").result["drift"] == []
    assert state(machine, "greeter.service") == ("active" if runs else "inactive")
    environment = machine.run("systemctl show -P Environment greeter.service").stdout
    assert ("OURS=1" in environment) is runs
    engine(machine, "deactivate")
    assert (state(machine, "greeter.service"), engine(machine, "status").result["drift"]) == ("active", [])
