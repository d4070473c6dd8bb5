"""Scenarios that numtide/system-manager tests in its containers, with what they mean for us."""

from __future__ import annotations

import re

import pytest

from tests.machine.steps import command, current_generation, generations, is_active, main_process, sleeper, switch
from tests.support.machine import Entry, Machine

pytestmark = pytest.mark.machine

# What a configuration that says nothing puts below /etc; docs/reference/files.md lists the same.
INFRASTRUCTURE = {
    "environment.d",
    "environment.d/10-system-manager.conf",
    "profile.d/system-manager-path.sh",
    "systemd/system/multi-user.target.wants/system-manager.target",
    "systemd/system/sysinit-reactivation.target",
    "systemd/system/sysinit-reactivation.target.requires",
    "systemd/system/sysinit-reactivation.target.requires/systemd-tmpfiles-resetup.service",
    "systemd/system/sysinit.target.wants/system-manager-recover.service",
    "systemd/system/system-manager-recover.service",
    "systemd/system/system-manager.target",
    "systemd/system/systemd-tmpfiles-resetup.service",
    "tmpfiles.d/00-system-manager.conf",
    "tmpfiles.d/system-manager-path.conf",
}


def test_an_empty_configuration_adds_only_what_is_documented(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    switch(machine, "{ }")
    after = machine.snapshot("/etc")
    assert set(after) - set(before) == INFRASTRUCTURE
    assert {name: entry for name, entry in after.items() if name in before} == before
    command(machine, "deactivate")
    assert machine.snapshot("/etc") == before


def test_existing_files_are_taken_over_when_told_and_given_back(machine: Machine) -> None:
    for name in ("copied", "linked"):
        machine.write(f"/etc/{name}.conf", f"the administrator's {name}\n")
    machine.run("chown daemon:adm /etc/copied.conf; chmod 0640 /etc/copied.conf")
    wants_directory = "/etc/systemd/system/timers.target.wants"
    machine.run(f"mkdir -p {wants_directory}; ln -s /lib/systemd/system/foreign.timer {wants_directory}/")
    before = machine.snapshot("/etc")

    switch(
        machine,
        """
        {
          environment.etc."copied.conf" = { text = "ours\\n"; mode = "0600"; replaceExisting = true; };
          environment.etc."linked.conf" = { text = "ours\\n"; replaceExisting = true; };
          systemd.timers.tick = {
            wantedBy = [ "timers.target" ];
            timerConfig = { OnCalendar = "daily"; Persistent = true; };
          };
          systemd.services.tick = { serviceConfig.Type = "oneshot"; script = "true"; };
        }
        """,
    )
    assert machine.run("cat /etc/copied.conf /etc/linked.conf").stdout == "ours\nours\n"
    assert machine.snapshot("/etc")["copied.conf"].mode == 0o600
    wants = machine.run(["ls", wants_directory]).stdout.split()
    assert "foreign.timer" in wants
    timer = machine.run("systemctl cat tick.timer").stdout
    assert re.search(r"^OnCalendar=daily$", timer, re.MULTILINE)
    assert re.search(r"^Persistent=true$", timer, re.MULTILINE)
    assert is_active(machine, "tick.timer")

    command(machine, "deactivate")
    assert machine.snapshot("/etc") == before


def test_an_existing_file_that_may_not_be_replaced_is_a_conflict(machine: Machine) -> None:
    machine.write("/etc/mine.conf", "the administrator's\n")
    before = machine.snapshot("/etc")
    refused = switch(
        machine,
        '{ environment.etc."mine.conf".text = "ours"; environment.etc."other.conf".text = "ours"; }',
        ends_with=1,
    )
    assert "/etc/mine.conf" in refused.stderr
    assert "replaceExisting" in refused.stderr
    assert machine.snapshot("/etc") == before
    assert generations(machine) == []


def test_restart_if_changed(machine: Machine) -> None:
    patient = "restartIfChanged = false;"
    switch(machine, sleeper("steady", mark="1", unit=patient))
    process = main_process(machine, "steady.service")
    switch(machine, sleeper("steady", mark="2", unit=patient))
    assert main_process(machine, "steady.service") == process != "0"
    assert "MARK=2" in machine.run("systemctl cat steady.service").stdout

    switch(machine, sleeper("steady", mark="3"))
    assert main_process(machine, "steady.service") not in ("0", process)


def test_a_description_alone_restarts_nothing(machine: Machine) -> None:
    switch(machine, sleeper("steady", unit='description = "One";'))
    process = main_process(machine, "steady.service")
    switch(machine, sleeper("steady", unit='description = "Two";'))
    assert main_process(machine, "steady.service") == process
    assert "Two" in machine.run("systemctl show --property=Description steady.service").stdout


def test_stop_on_removal(machine: Machine) -> None:
    switch(machine, sleeper("stays", unit="unitConfig.X-StopOnRemoval = false;"))
    stays = main_process(machine, "stays.service")
    switch(machine, sleeper("goes"))
    goes = main_process(machine, "goes.service")
    assert machine.run(f"ps -o comm= {stays}").stdout == "sleep\n"
    switch(machine, "{ }")
    assert machine.run(f"ps -o comm= {goes}", check=False).stdout == ""
    assert not machine.path("/etc/systemd/system/goes.service").is_symlink()


def test_environment_variables(machine: Machine) -> None:
    switch(
        machine,
        """
        { pkgs, ... }:
        {
          environment.variables = {
            EDITOR = "ed";
            COLONS = [ "one" "two" ];
            ABSENT = null;
            QUOTED = "a \\"b\\" $c 'd'";
          };
          environment.sessionVariables.SESSION = "yes";
          environment.systemPackages = [ pkgs.hello ];
        }
        """,
    )
    shown = machine.run(
        ["bash", "--login", "-c", 'printf "%s\\n" "$EDITOR" "$COLONS" "${ABSENT-unset}" "$QUOTED" "$SESSION"']
    )
    assert shown.stdout.splitlines() == ["ed", "one:two", "unset", "a \"b\" $c 'd'", "yes"]
    assert machine.run(["bash", "--login", "-c", "command -v hello"]).stdout == "/run/system-manager/sw/bin/hello\n"
    lines = machine.run("cat /etc/environment.d/10-system-manager.conf").stdout
    assert "EDITOR=" in lines
    assert "ABSENT" not in lines


def test_system_path(machine: Machine) -> None:
    def configuration(package: str) -> str:
        return f"{{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.{package} ]; }}"

    switch(machine, configuration("ripgrep"))
    assert machine.run(["bash", "--login", "-c", "command -v rg; rg --version"]).stdout.startswith(
        "/run/system-manager/sw/bin/rg\nripgrep "
    )
    switch(machine, configuration("tree"))
    found = machine.run(["bash", "--login", "-c", "command -v rg tree"], check=False).stdout.split()
    assert found == ["/run/system-manager/sw/bin/tree"]
    machine.reboot()
    assert machine.run(["bash", "--login", "-c", "command -v tree"]).stdout == "/run/system-manager/sw/bin/tree\n"


def test_a_second_switch_changes_nothing_and_says_so(machine: Machine) -> None:
    switch(machine, sleeper("steady"))
    before = {name: machine.path(f"/etc/{name}").lstat().st_mtime_ns for name in machine.snapshot("/etc")}
    process = main_process(machine, "steady.service")
    again = switch(machine, None)
    assert "othing to change" in again.stdout + again.stderr
    assert {name: machine.path(f"/etc/{name}").lstat().st_mtime_ns for name in machine.snapshot("/etc")} == before
    assert main_process(machine, "steady.service") == process
    assert current_generation(machine) == 1


def test_everything_is_there_after_a_reboot(machine: Machine) -> None:
    switch(machine, sleeper("steady"))
    machine.reboot()
    assert is_active(machine, "steady.service")
    assert command(machine, "status", "--exit-code").returncode == 0


def test_rollback_to_a_chosen_generation(machine: Machine) -> None:
    for number in (1, 2, 3):
        switch(machine, f'{{ environment.etc."number".text = "{number}"; }}')
    command(machine, "rollback")
    assert machine.run("cat /etc/number").stdout == "2"
    command(machine, "rollback", "--to", "1")
    assert machine.run("cat /etc/number").stdout == "1"
    command(machine, "rollback", "--to", "3")
    assert (machine.run("cat /etc/number").stdout, current_generation(machine)) == ("3", 3)
    missing = command(machine, "rollback", "--to", "9", ends_with=1)
    assert "there is no generation 9" in missing.stderr


def test_packages_follow_the_configuration_without_starting_their_services(machine: Machine) -> None:
    def version() -> str:
        return machine.run("dpkg-query -W -f '${Version}' greeter", check=False).stdout

    before: dict[str, Entry] = machine.snapshot("/etc")
    switch(machine, "{ pkgs, ... }: { environment.systemPackages = [ pkgs.greeter ]; }")
    assert version() == "2.0"
    assert not is_active(machine, "greeter.service")
    switch(machine, "{ }")
    assert version() == ""
    command(machine, "rollback")
    assert version() == "2.0"
    command(machine, "deactivate")
    assert version() == ""
    assert machine.snapshot("/etc") == before


def test_relatives_of_known_distributions_are_known(machine: Machine) -> None:
    told = machine.run("readlink -f /etc/os-release").stdout.strip()
    machine.write(told, 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n')
    switch(machine, '{ environment.etc.known.text = "x"; }')
    machine.write(told, 'ID=other\nVERSION_ID="1"\n')
    refused = switch(machine, '{ environment.etc.unknown.text = "x"; }', ends_with=1)
    assert "allowAnyDistro" in refused.stderr
    assert not machine.path("/etc/unknown").is_symlink()
    switch(machine, '{ system-manager.allowAnyDistro = true; environment.etc.unknown.text = "x"; }')
