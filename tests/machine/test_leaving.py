"""A machine that used everything at once is afterwards as it was found."""

from __future__ import annotations

import pytest

from tests.machine.steps import command, is_active, switch
from tests.support.machine import Entry, Machine

pytestmark = pytest.mark.machine

EVERYTHING = """
{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.tree pkgs.greeter ];
  environment.variables.EDITOR = "ed";
  environment.etc = {
    "app/linked.conf".text = "x";
    "app/deep/copied.conf" = { text = "x"; mode = "0640"; user = "app"; group = "adm"; };
    "issue.net" = { text = "ours"; replaceExisting = true; };
    "adduser.conf" = { text = "ours"; mode = "0600"; replaceExisting = true; };
  };
  boot.kernel.sysctl."net.ipv4.ip_forward" = 1;
  systemd = {
    services.app = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { ExecStart = "/bin/sleep infinity"; User = "app"; StateDirectory = "app"; };
    };
    services."worker@" = { serviceConfig.ExecStart = "/bin/sleep infinity"; };
    services."worker@one" = { overrideStrategy = "asDropin"; wantedBy = [ "multi-user.target" ]; };
    services.theirs = { overrideStrategy = "asDropin"; environment.MARK = "ours"; };
    services.turned-off.enable = false;
    sockets.listen = { wantedBy = [ "sockets.target" ]; listenStreams = [ "/run/listen" ]; };
    services.listen.serviceConfig.ExecStart = "/bin/sleep infinity";
    timers.tick = { wantedBy = [ "timers.target" ]; timerConfig.OnCalendar = "daily"; };
    services.tick.serviceConfig = { Type = "oneshot"; ExecStart = "/bin/true"; };
    user.services.agent = { wantedBy = [ "default.target" ]; serviceConfig.ExecStart = "/bin/sleep infinity"; };
    tmpfiles.rules = [ "d /run/app 0750 app app -" "D /run/cleared-at-boot 0755 root root -" ];
  };
  users.users = {
    alice = { isNormalUser = true; extraGroups = [ "adm" ]; linger = true; packages = [ pkgs.ripgrep ]; };
    app = { isSystemUser = true; group = "app"; };
    admin = { isNormalUser = true; shell = "/bin/sh"; openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA a" ]; };
  };
  users.groups.app.members = [ "admin" ];
}
"""

ACCOUNTS = frozenset({"passwd", "group", "shadow", "gshadow", "subuid", "subgid"})
MADE = ("alice", "app")


def etc(machine: Machine) -> dict[str, Entry]:
    """Everything below ``/etc`` but the account databases and the backups that tools keep beside them."""
    found = machine.snapshot("/etc")
    return {name: entry for name, entry in found.items() if name.rstrip("-") not in ACCOUNTS | {".pwd.lock"}}


def accounts(machine: Machine) -> dict[str, list[str]]:
    """Lines of the databases, without those of accounts that are left locked."""
    return {
        name: [line for line in machine.path(f"/etc/{name}").read_text().splitlines() if not line.startswith(MADE)]
        for name in ACCOUNTS
    }


def units(machine: Machine) -> str:
    """What systemd has to say of unit files, and of what is running or failed."""
    return machine.run(
        """
        systemctl list-unit-files --no-legend --no-pager
        systemctl list-units --no-legend --no-pager --plain --type=service,socket,timer,path,mount \
            --state=active,failed | awk '{ print $1, $3, $4 }' | grep -vE 'user|tmpfiles-clean|-[.]mount|run-'
        ls /var/lib/systemd/linger 2>/dev/null
        """
    ).stdout


def packages(machine: Machine) -> str:
    return machine.run("dpkg-query -W -f '${Package} ${Version} ${Status}\n' | grep -v ' config-files$'").stdout


def test_everything_at_once_then_nothing(machine: Machine) -> None:
    unit = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
    for name in ("theirs", "turned-off"):
        machine.write(f"/lib/systemd/system/{name}.service", unit)
    machine.write("/etc/issue.net", "theirs\n")
    machine.write("/etc/adduser.conf", "theirs\n")
    machine.run(
        "systemctl daemon-reload; systemctl enable --quiet --now theirs turned-off; systemctl stop apt-daily.timer"
    )

    def now() -> tuple[object, ...]:
        return etc(machine), accounts(machine), units(machine), packages(machine)

    before = now()
    switch(machine, EVERYTHING)
    assert command(machine, "status", "--exit-code").returncode == 0
    assert is_active(machine, "app.service")
    assert is_active(machine, "worker@one.service")
    assert is_active(machine, "listen.socket")
    assert not is_active(machine, "turned-off.service")
    assert machine.run("stat -c '%a %U:%G' /run/app /etc/app/deep/copied.conf").stdout == "750 app:app\n640 app:adm\n"
    machine.run("touch /run/cleared-at-boot/kept")
    # A second generation in between: what is given back was not put there by the last one.
    switch(machine, EVERYTHING.replace('"d /run/app', '"d /run/other').replace("worker@one", "worker@two"))
    machine.run("test -e /run/cleared-at-boot/kept")
    command(machine, "deactivate")
    for found, expected in zip(now(), before, strict=True):
        assert found == expected

    command(machine, "rollback")
    assert is_active(machine, "app.service")
    command(machine, "uninstall", "--yes")
    for found, expected in zip(now(), before, strict=True):
        assert found == expected
    left = ("/nix", "/var/lib/system-manager", "/run/system-manager", "/root/.cache/system-manager")
    assert [path for path in left if machine.path_in_namespace(path).exists()] == [], machine.run(
        "find /var/lib/system-manager /run/system-manager"
    ).stdout
    machine.reboot()
    assert is_active(machine, "theirs.service")
    assert is_active(machine, "turned-off.service")
