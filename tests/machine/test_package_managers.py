"""Packages as part of a generation, with every package manager that is known: the same words hold for all.

Each package manager has one machine, which is brought back to where it began before every test.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.conftest import unavailable
from tests.machine import steps as steps_of_users
from tests.machine.package_distribution import KILL, KINDS, POOL, Kind, PackageMachine
from tests.machine.steps import command, switch
from tests.machine.unit_machine import SLEEP, Described, engine, main_process, service, state
from tests.support import machine as machines
from tests.support import packages, roots

pytestmark = pytest.mark.machine


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def one_machine(request: pytest.FixtureRequest) -> Iterator[PackageMachine]:
    kind: Kind = request.param
    try:
        roots.require(*machines.REQUIRED_TOOLS, *packages.TOOLS)
    except roots.UnavailableError as error:
        unavailable(str(error))
    with contextlib.ExitStack() as stack:
        yield PackageMachine.create(
            stack.enter_context(machines.machine(suite=kind.suite, package_managers=True)), kind
        )


@pytest.fixture
def distro(one_machine: PackageMachine) -> PackageMachine:
    one_machine.reset()
    return one_machine


def with_kinds(kinds: Sequence[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one_machine", kinds, ids=lambda kind: kind.name, indirect=True, scope="module")


# What is the same for all package managers, because it is decided before they are asked.
ONCE = with_kinds(KINDS[:1])


def activate(distro: PackageMachine, path: str, ends_with: int = 0) -> dict[str, object]:
    return engine(distro.machine, "activate", "--toplevel", path, ends_with=ends_with).result


def steps(result: dict[str, object]) -> set[tuple[str, str, str, str]]:
    """Action, package, version and reason of every line of a plan that is about packages."""
    found: list[dict[str, str]] = result["steps"]  # type: ignore[assignment] # JSON
    return {
        (each["action"], each["target"], each["detail"].replace("-1", ""), each["reason"])
        for each in found
        if each["subject"] == "package"
    }


def test_packages_come_and_go_with_their_generation(distro: PackageMachine) -> None:
    before = distro.machine.snapshot("/etc")
    path = distro.toplevel("greeter=1.0")
    planned = engine(distro.machine, "plan", "--toplevel", path).result
    assert {step[:3] for step in steps(planned)} >= {("install", "greeter", "1.0")}
    assert {(step[0], step[1], step[3]) for step in steps(planned)} >= {("install", "library", "a dependency")}
    assert distro.versions() == {}, "a plan must not change anything"

    activate(distro, path)
    assert distro.version("greeter") == "1.0"
    assert (distro.is_automatic("greeter"), distro.is_automatic("library")) == (False, True)
    assert state(distro.machine, "greeter.service") == "inactive", "a package must not start its own service"
    enabled = distro.machine.run("systemctl is-enabled greeter.service", check=False).stdout.strip()
    assert enabled == "disabled", "a package must not enable its own service"
    assert activate(distro, path)["outcome"] == "nothing-to-do"
    assert engine(distro.machine, "status").result["drift"] == []

    engine(distro.machine, "deactivate")
    assert distro.versions() == {}, "what came along goes, too"
    assert distro.machine.snapshot("/etc") == before


def test_a_rollback_needs_no_repository(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    distro.offer("greeter=2.0", "library=2.0")
    result = activate(distro, distro.toplevel("greeter=2.0"))
    assert {(step[0], step[1], step[2], step[3]) for step in steps(result)} == {
        ("replace", "greeter", "1.0 to 2.0", "upgrade"),
        ("replace", "library", "1.0 to 2.0", "upgrade"),
    }
    assert distro.versions() == {"greeter": "2.0", "library": "2.0"}
    distro.withdraw()
    engine(distro.machine, "rollback")
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}
    assert (distro.is_automatic("greeter"), distro.is_automatic("library")) == (False, True)
    engine(distro.machine, "rollback", "--to", "2")
    assert distro.versions() == {"greeter": "2.0", "library": "2.0"}
    engine(distro.machine, "deactivate")
    assert distro.versions() == {}
    engine(distro.machine, "rollback", "--to", "1")
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}


@with_kinds(KINDS[1:])
def test_units_of_the_configuration_are_not_restarted_by_packages(distro: PackageMachine) -> None:
    """Those of Debian ask the policy instead."""
    machine = distro.machine
    machine.write("/usr/lib/systemd/system/theirs.service", SLEEP)
    machine.run("systemctl daemon-reload; systemctl start theirs.service")
    units = {
        "ours.service": service(),
        "ours@.service": service(wanted_by=""),
        "ours@a.b.service": Described(
            None, {"10.conf": "[Service]\nNice=1\n"}, links={"wantedBy": ["multi-user.target"]}
        ),
    }
    activate(distro, distro.toplevel(units=units))
    running = [main_process(machine, name) for name in ("ours.service", "ours@a.b.service", "theirs.service")]
    activate(distro, distro.toplevel("restarter=1.0", units=units))
    now = [main_process(machine, name) for name in ("ours.service", "ours@a.b.service", "theirs.service")]
    assert now[:2] == running[:2]
    assert now[2] not in (0, running[2]), "others are restarted as usual"
    assert machine.run("find /run/systemd -name '*installation*'").stdout == ""
    machine.run("systemctl restart ours.service ours@a.b.service; systemctl stop theirs.service")


def test_a_version_from_before_comes_back(distro: PackageMachine) -> None:
    """The library was there, in a version that is too old; nobody has it any more when it is to come back."""
    distro.install("library", "1.0")
    distro.offer("greeter=2.0", "library=1.0", "library=2.0")
    activate(distro, distro.toplevel("greeter=2.0"))
    assert distro.versions() == {"greeter": "2.0", "library": "2.0"}
    distro.withdraw()
    engine(distro.machine, "deactivate")
    assert distro.versions() == {"library": "1.0"}
    assert not distro.is_automatic("library")


@ONCE
def test_a_failing_unit_takes_everything_back(distro: PackageMachine) -> None:
    before = distro.machine.snapshot("/etc")
    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(distro, distro.toplevel("greeter=1.0", units=bad), ends_with=3)
    assert distro.versions() == {}
    assert distro.machine.snapshot("/etc") == before


def test_what_somebody_else_needs_stays(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0", "friend=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    distro.install("friend", "1.0")
    activate(distro, distro.toplevel())
    assert distro.versions() == {"friend": "1.0", "library": "1.0"}


def test_what_somebody_asked_for_meanwhile_stays(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    by_hand = {
        "apt": "apt-mark manual library",
        "dnf": "dnf -q -y mark install library",
        "dnf5": "dnf -q -y mark user library",
        "zypper": "sed -i /library/d /var/lib/zypp/AutoInstalled",
        "pacman": "pacman -D --asexplicit library",
    }
    distro.machine.run(by_hand[distro.kind.name])
    result = activate(distro, distro.toplevel())
    assert "library stays: somebody has asked for it meanwhile" in str(result["notices"])
    assert distro.versions() == {"library": "1.0"}


@ONCE
def test_a_dependency_that_is_asked_for_now(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    assert distro.is_automatic("library")
    activate(distro, distro.toplevel("library=1.0"))
    assert distro.versions() == {"library": "1.0"}
    assert not distro.is_automatic("library")
    engine(distro.machine, "deactivate")
    assert distro.versions() == {}


@with_kinds([kind for kind in KINDS if not kind.name.startswith("dnf")])
def test_a_dependency_of_before_that_is_asked_for(distro: PackageMachine) -> None:
    """It is no longer one, so that nobody removes it as not needed; and it is one again afterwards."""
    distro.offer("friend=1.0", "library=1.0")
    distro.install("friend", "1.0")
    assert distro.is_automatic("library")
    path = distro.toplevel("library=1.0")
    assert steps(activate(distro, path)) == {("keep", "library", "", "it was a dependency only")}
    assert not distro.is_automatic("library")
    assert activate(distro, path)["outcome"] == "nothing-to-do"
    engine(distro.machine, "deactivate")
    assert distro.is_automatic("library")
    assert distro.versions() == {"friend": "1.0", "library": "1.0"}


@with_kinds([kind for kind in KINDS if kind.name != "dnf"])  # the fifth is asked the same in half the time
def test_what_is_no_longer_asked_for_makes_way(distro: PackageMachine) -> None:
    """As one mail server for another, which are in conflict with each other."""
    distro.offer("greeter=1.0", "library=1.0", "enemy=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    path = distro.toplevel("enemy=1.0")
    planned = {step[:3] for step in steps(engine(distro.machine, "plan", "--toplevel", path).result)}
    assert planned >= {("remove", "greeter", "1.0"), ("install", "enemy", "1.0")}
    activate(distro, path)
    assert distro.versions() == {"enemy": "1.0"}
    assert not distro.machine.path("/etc/greeter.conf").exists()
    bad = {"bad.service": service("[Service]\nType=oneshot\nExecStart=/bin/false\n")}
    activate(distro, distro.toplevel("greeter=1.0", units=bad), ends_with=3)
    assert distro.versions() == {"enemy": "1.0"}
    distro.withdraw()
    engine(distro.machine, "rollback")
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}
    assert (distro.is_automatic("greeter"), distro.is_automatic("library")) == (False, True)


@ONCE
def test_packages_of_before_are_left_alone(distro: PackageMachine) -> None:
    distro.install("library", "1.0")
    result = activate(distro, distro.toplevel("library=2.0"))
    assert "was on this machine before and stays" in str(result["notices"])
    engine(distro.machine, "deactivate")
    assert distro.versions() == {"library": "1.0"}


def test_a_conflict_is_found_before_anything_is_touched(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0", "enemy=1.0")
    distro.install("enemy", "1.0")
    error = str(activate(distro, distro.toplevel("greeter=1.0"), ends_with=1)["error"])
    assert "enemy" in error and "greeter" in error
    assert distro.versions() == {"enemy": "1.0"}


def test_a_dependency_that_nobody_has_is_named(distro: PackageMachine) -> None:
    error = str(activate(distro, distro.toplevel("broken=1.0"), ends_with=1)["error"])
    assert "nowhere" in error
    assert distro.versions() == {}


def test_a_held_package_is_not_replaced(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "greeter=2.0", "library=1.0", "library=2.0")
    activate(distro, distro.toplevel("library=1.0"))
    exclude = ("sed -i '/main/a excludepkgs=library' /etc/dnf/dnf.conf", "sed -i /excludepkgs/d /etc/dnf/dnf.conf")
    hold, let_go = {
        "apt": ("apt-mark hold library", "apt-mark unhold library"),
        "dnf": exclude,
        "dnf5": exclude,
        "zypper": ("zypper -n addlock library", "zypper -n removelock library"),
        "pacman": ("sed -i '/options/a IgnorePkg = library' /etc/pacman.conf", "sed -i /IgnorePkg/d /etc/pacman.conf"),
    }[distro.kind.name]
    distro.machine.run(hold)
    try:
        error = str(activate(distro, distro.toplevel("library=2.0"), ends_with=1)["error"])
        if distro.kind.name == "apt":  # the others remove what is held
            assert "library is no longer in the configuration and stays: the administrator holds it" in str(
                activate(distro, distro.toplevel())["notices"]
            )
    finally:
        distro.machine.run(let_go)
    assert "library" in error
    assert distro.versions() == {"library": "1.0"}


@with_kinds([kind for kind in KINDS if kind.name != "dnf"])  # the fifth is asked the same in half the time
def test_what_the_next_boot_installs_was_fetched_before(distro: PackageMachine) -> None:
    machine = distro.machine
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    distro.offer("greeter=2.0", "library=2.0")
    unit = {"hello.service": service("[Service]\nType=oneshot\nRemainAfterExit=true\nExecStart=/usr/bin/greeter\n")}
    path = distro.toplevel("greeter=2.0", units=unit)
    planned = engine(machine, "boot", "--toplevel", path).result
    assert {step[:3] for step in steps(planned)} >= {
        ("replace", "greeter", "1.0 to 2.0"),
        ("replace", "library", "1.0 to 2.0"),
    }
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}, "until the boot nothing changes"
    distro.withdraw()
    machine.reboot()
    said = machine.run("journalctl -b -u system-manager-recover.service --no-pager -o cat").stdout
    assert distro.versions() == {"greeter": "2.0", "library": "2.0"}, said
    assert (distro.is_automatic("greeter"), distro.is_automatic("library")) == (False, True)
    assert state(machine, "hello.service") == "active"
    assert state(machine, "greeter.service") == "inactive", "a package must not start its own service"
    status = engine(machine, "status").result
    assert (status["generation"], status["drift"], status["atNextBoot"]) == (2, [], None)
    engine(machine, "rollback")
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}


@ONCE
def test_a_boot_that_cannot_change_takes_packages_back_and_the_next_one_tries_again(distro: PackageMachine) -> None:
    machine = distro.machine
    distro.offer("friend=1.0", "library=1.0")
    activate(distro, distro.toplevel())
    units = {"friend.service": service()}
    engine(machine, "boot", "--toplevel", distro.toplevel("friend=1.0", units=units))
    distro.withdraw()
    in_the_way = machine.path("/etc/systemd/system/friend.service")
    in_the_way.write_text("[Service]\nExecStart=/bin/true\n")
    machine.reboot()
    assert distro.versions() == {}
    status = engine(machine, "status").result
    assert (status["generation"], status["atNextBoot"]["generation"]) == (1, 2)
    in_the_way.unlink()
    machine.reboot()
    assert distro.versions() == {"friend": "1.0", "library": "1.0"}
    assert state(machine, "friend.service") == "active"
    assert kept_files(distro) == {"library"}

    engine(machine, "boot", "--toplevel", distro.toplevel())
    engine(machine, "activate", "--toplevel", distro.toplevel("library=1.0"))
    assert engine(machine, "status").result["atNextBoot"] is None, "what is activated before the boot takes its place"


def test_edited_configuration_is_kept(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    distro.machine.write("/etc/greeter.conf", "greeting = edited\n")
    distro.offer("greeter=2.0", "library=2.0")
    activate(distro, distro.toplevel("greeter=2.0"))
    assert distro.machine.path("/etc/greeter.conf").read_text() == "greeting = edited\n"
    engine(distro.machine, "deactivate")
    kept = [file.read_text() for file in distro.machine.path("/etc").glob("greeter.conf*")]
    assert kept == ["greeting = edited\n"], "what somebody wrote is never deleted"


@ONCE
def test_a_locked_dependency_is_installed_in_its_version(distro: PackageMachine) -> None:
    path = distro.toplevel("greeter=1.0", automatic=("library=1.0",))
    activate(distro, path)
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}
    assert distro.is_automatic("library")


def kept_files(distro: PackageMachine) -> set[str]:
    """The packages whose files the machine keeps."""
    files = distro.machine.path("/var/lib/system-manager/packages").glob("[!i]*")
    return {re.split("[-_]", file.name, maxsplit=2)[1] for file in files}


@ONCE
def test_package_files_are_kept_as_long_as_a_generation_needs_them(distro: PackageMachine) -> None:
    distro.offer("greeter=1.0", "library=1.0")
    activate(distro, distro.toplevel("greeter=1.0"))
    assert kept_files(distro) == {"library"}, "the library's; the greeter's is in the store"
    activate(distro, distro.toplevel())
    assert kept_files(distro) == {"library"}
    distro.machine.run("rm /nix/var/nix/profiles/system-manager-profiles/system-manager-1-link")
    activate(distro, distro.toplevel(units={"x.service": service()}))
    assert kept_files(distro) == set()


@ONCE
def test_an_unreachable_repository_leaves_the_machine_alone(distro: PackageMachine) -> None:
    path = distro.toplevel("greeter=1.0")
    distro.machine.run(f"rm -f {POOL}/library*")
    error = str(activate(distro, path, ends_with=1)["error"])
    assert "library" in error
    assert distro.versions() == {}


CONFIGURATION = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.greeter ]; }"
LOCK_FILE = "/root/configuration/system-manager.lock"


def locked_versions(distro: PackageMachine) -> dict[str, str]:
    (part,) = json.loads(distro.machine.path(LOCK_FILE).read_text())["systems"].values()
    return {
        f"{kind} {name}": entry["version"].removesuffix("-1")
        for kind in ("packages", "dependencies")
        for name, entry in part[kind].items()
        if name in {"greeter", "library"}
    }


def test_a_lock_file_pins_packages_and_what_they_need(distro: PackageMachine) -> None:
    machine = distro.machine
    machine.run("rm -rf /root/configuration /root/.cache/system-manager")
    distro.offer("greeter=1.0", "library=1.0")
    machine.write(steps_of_users.CONFIGURATION, CONFIGURATION)
    command(machine, "lock", "--file", steps_of_users.CONFIGURATION)
    assert locked_versions(distro) == {"packages greeter": "1.0", "dependencies library": "1.0"}
    first = command(machine, "build", "--no-link", "--file", steps_of_users.CONFIGURATION).stdout

    everything = ("greeter=1.0", "library=1.0") if distro.kind.name != "pacman" else ()
    distro.offer(*everything, "greeter=2.0", "library=2.0", "friend=1.0")
    assert command(machine, "build", "--no-link", "--file", steps_of_users.CONFIGURATION).stdout == first
    switch(machine, None)
    assert distro.versions() == {"greeter": "1.0", "library": "1.0"}
    assert (distro.is_automatic("greeter"), distro.is_automatic("library")) == (False, True)

    said = command(machine, "lock", "--update", "--file", steps_of_users.CONFIGURATION).stderr
    assert f"update greeter 1.0{distro.kind.release} to 2.0{distro.kind.release}" in said
    assert locked_versions(distro) == {"packages greeter": "2.0", "dependencies library": "2.0"}
    switch(machine, None)
    assert distro.versions() == {"greeter": "2.0", "library": "2.0"}

    refused = switch(machine, CONFIGURATION.replace("pkgs.greeter", "pkgs.greeter pkgs.friend"), ends_with=1).stderr
    assert "'friend' is not in /root/configuration/system-manager.lock" in refused
    assert "system-manager lock" in refused
    command(machine, "lock", "--file", steps_of_users.CONFIGURATION)
    switch(machine, None)
    assert distro.version("friend") == "1.0"


def test_a_locked_version_that_is_no_longer_offered(distro: PackageMachine) -> None:
    machine = distro.machine
    machine.run("rm -rf /root/configuration /root/.cache/system-manager")
    machine.write(steps_of_users.CONFIGURATION, CONFIGURATION)
    distro.offer("greeter=1.0", "library=1.0")
    command(machine, "lock", "--file", steps_of_users.CONFIGURATION)
    machine.run("rm -rf /nix /var/cache/pacman/pkg/*")
    distro.offer("greeter=2.0", "library=2.0")
    refused = switch(machine, None, ends_with=1).stderr
    assert "system-manager.lock" in refused
    assert "system-manager lock --update greeter" in refused or "lock --update library" in refused
    assert distro.versions() == {}


@pytest.mark.parametrize(("before", "moment"), [("", "unpacking"), ("1.0", "unpacking"), ("", "running its script")])
def test_what_was_cut_off_is_taken_back(distro: PackageMachine, before: str, moment: str) -> None:
    machine = distro.machine
    distro.offer("big=1.0", "big=2.0")
    if before:
        activate(distro, distro.toplevel("big=1.0"))
    tree = {**machine.snapshot("/etc"), **machine.snapshot("/usr/share/big")}
    path = distro.toplevel("big=2.0")
    begin = f"system-manager-engine activate --toplevel {path} >/dev/null 2>&1"
    if moment == "unpacking":
        sign = "find /usr/share/big -cnewer /run/begun -type f 2>/dev/null | grep -q ."
        machine.run(
            f"touch /run/begun; sleep 0.1; {begin} & "
            f"while kill -0 $! 2>/dev/null && ! {sign}; do sleep 0.01; done; {KILL}; wait",
            check=False,
        )
    else:
        machine.run(f"touch /run/cut-off; {begin}", check=False)
        assert not machine.path_in_namespace("/run/cut-off").exists(), "the script has run"
    engine(machine, "recover")
    assert distro.version("big") == before
    assert {**machine.snapshot("/etc"), **machine.snapshot("/usr/share/big")} == tree
    activate(distro, path)
    assert distro.version("big") == "2.0"
