"""What modules of their own do on a machine: rights by sudo and wrappers, settings of Nix, upgrades by themselves."""

from __future__ import annotations

import pytest

from tests.machine.steps import CONFIGURATION, command, is_active, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

RIGHTS = """
  { pkgs, ... }:
  {
    users.users.carl = { isNormalUser = true; packages = [ pkgs.hello ]; };
    users.users.dora.isNormalUser = true;
    environment.systemPackages = [ pkgs.tree pkgs.ripgrep ];
    environment.extraSetup = "rm $out/bin/rg";
    environment.extraInit = "export SAID=at-login";
    security.sudo = {
      enable = true;
      extraRules = [ { users = [ "carl" ]; commands = [ { command = "ALL"; options = [ "NOPASSWD" ]; } ]; } ];
    };
    security.wrappers = {
      socket = { source = "/usr/bin/python3"; owner = "root"; group = "root"; capabilities = "cap_net_raw+ep"; };
      whoami = { source = "/usr/bin/whoami"; owner = "daemon"; group = "root"; setuid = true; permissions = "@mode@"; };
    };
    nix = { enable = true; settings.experimental-features = [ "nix-command" "flakes" ]; };
    system.checks = [ (pkgs.runCommand "passing" { } "echo fine > $out") ];
    system.autoUpgrade = { enable = true; dates = "Mon 03:00"; randomizedDelaySec = "45min"; file = "/root/next.nix"; };
  }
"""
OPEN_A_RAW_SOCKET = "socket -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print(\"open\")'"


def as_user(machine: Machine, user: str, script: str) -> tuple[int, str]:
    """Status and output of a command in a login shell."""
    done = machine.run(["su", "--login", user, "--command", script], check=False)
    return done.returncode, done.stdout.strip()


def test_who_may_do_more(machine: Machine) -> None:
    machine.write("/etc/nix/nix.conf", "# the administrator's\n")
    before = {name: entry for name, entry in machine.snapshot("/etc").items() if name in ("sudoers", "nix/nix.conf")}
    rights = RIGHTS.replace("@mode@", "u+rx,g+x,o+x")
    machine.write("/root/next.nix", '{ environment.etc."upgraded".text = "by itself"; }')
    switch(machine, rights)

    assert as_user(machine, "carl", "sudo whoami") == (0, "root")
    assert as_user(machine, "dora", "sudo --non-interactive /usr/bin/whoami")[0] == 1
    # What the distribution and the administrator have put beside the file still counts.
    assert as_user(machine, "admin", "sudo /usr/bin/whoami") == (0, "root")
    assert as_user(machine, "carl", "sudo tree --version")[1].startswith("tree v")

    assert as_user(machine, "dora", "command -v whoami; whoami") == (0, "/run/wrappers/bin/whoami\ndaemon")
    assert as_user(machine, "dora", OPEN_A_RAW_SOCKET) == (0, "open")
    assert as_user(machine, "dora", OPEN_A_RAW_SOCKET.replace("socket", "/usr/bin/python3", 1))[0] == 1
    assert machine.run("findmnt --noheadings --output FSTYPE /run/wrappers").stdout == "tmpfs\n"
    switch(machine, RIGHTS.replace("@mode@", "u+rx,g+x"))
    assert as_user(machine, "dora", "/run/wrappers/bin/whoami")[0] == 126
    assert machine.run("ls /run/wrappers | wc -l").stdout == "2\n"

    assert as_user(machine, "carl", "command -v hello") == (0, "/etc/profiles/per-user/carl/bin/hello")
    assert as_user(machine, "carl", "hello; echo $SAID") == (0, "Hello, world!\nat-login")
    assert machine.run("ls /run/system-manager/sw/bin").stdout == "tree\n"
    assert "experimental-features = nix-command flakes" in machine.run("cat /etc/nix/nix.conf").stdout
    profile = "/nix/var/nix/profiles/system-manager-profiles/system-manager"
    assert machine.run(f"cat {profile}/checks/*-passing").stdout == "fine\n"
    missing = '{ pkgs, ... }: { system.checks = [ (pkgs.runCommand "failing" { } "echo no >&2; exit 1") ]; }'
    assert "failing" in switch(machine, missing, ends_with=1).stderr
    odd = '{ security.sudo = { enable = true; extraConfig = "who = knows"; }; }'
    assert "syntax error" in switch(machine, odd, ends_with=1).stderr

    machine.reboot()
    assert as_user(machine, "carl", "sudo whoami") == (0, "root")
    assert as_user(machine, "carl", OPEN_A_RAW_SOCKET) == (0, "open")
    command(machine, "status", "--exit-code")

    timer = machine.run("systemctl show -P TimersCalendar -P RandomizedDelayUSec system-manager-upgrade.timer").stdout
    assert "OnCalendar=Mon *-*-* 03:00:00" in timer
    assert "45min" in timer
    assert is_active(machine, "system-manager-upgrade.timer")
    # The upgrade takes its own unit away, and goes on.
    machine.run("systemctl start system-manager-upgrade.service")
    assert machine.run("cat /etc/upgraded").stdout == "by itself"
    assert machine.run("systemctl show -P LoadState system-manager-upgrade.timer").stdout == "not-found\n"
    assert {name: machine.snapshot("/etc")[name] for name in before} == before
    assert machine.run("findmnt /run/wrappers", check=False).stdout == ""
    command(machine, "deactivate")
    assert {name: machine.snapshot("/etc")[name] for name in before} == before


def test_an_upgrade_that_fails_is_seen(machine: Machine) -> None:
    switch(machine, '{ system.autoUpgrade.enable = true; environment.etc."kept".text = "x"; }')
    machine.write(
        CONFIGURATION.replace("configuration", ".config/system-manager"),
        '{ systemd.services.bad = { wantedBy = [ "multi-user.target" ]; serviceConfig = '
        '{ Type = "oneshot"; ExecStart = "/bin/false"; }; }; }',
    )
    machine.run("systemctl start system-manager-upgrade.service", check=False)
    shown = machine.run("systemctl show -P Result -P ExecMainStatus system-manager-upgrade.service").stdout
    assert shown.split() == ["exit-code", "3"]
    assert machine.run("cat /etc/kept").stdout == "x"
