"""Modules as others write them for NixOS: early secrets, homes that a service fills, units that a package brings."""

from __future__ import annotations

import pytest

from tests.machine.steps import CONFIGURATION, becomes, command, is_active, main_process, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

# Secrets are opened with a key that only the machine has; they exist in memory only, so that they are made at
# every boot and on every switch that changes them, before anything that needs them is started.
SECRETS = """
  { config, lib, pkgs, utils, ... }:
  {
    options.secrets = lib.mkOption { type = lib.types.attrsOf lib.types.str; default = { }; };
    config.systemd.services.open-secrets = lib.mkIf (config.secrets != { }) {
      description = "Open secrets";
      requiredBy = [ "sysinit-reactivation.target" ];
      wantedBy = [ "sysinit.target" ];
      before = [ "sysinit-reactivation.target" "shutdown.target" ];
      conflicts = [ "shutdown.target" ];
      unitConfig = { DefaultDependencies = false; RequiresMountsFor = [ "/root/machine.key" ]; };
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
      script = lib.concatLines ([ "install -d -m 0755 /run/secrets" ] ++ lib.mapAttrsToList (name: sealed: ''
        (umask 0337; tr "$(cat /root/machine.key)" a-z <<< ${lib.escapeShellArg sealed} > /run/secrets/${name}.new)
        mv -f /run/secrets/${name}.new ${utils.escapeSystemdExecArg "/run/secrets/${name}"}
      '') config.secrets);
    };
  }
"""
# Fills homes: with files by a service that runs as the user, with programs by users.users.<name>.packages.
HOMES = """
  { config, lib, pkgs, ... }:
  let
    home = lib.types.submodule {
      options = {
        file = lib.mkOption { type = lib.types.attrsOf lib.types.lines; default = { }; };
        packages = lib.mkOption { type = lib.types.listOf lib.types.package; default = [ ]; };
      };
    };
    files = user: pkgs.linkFarm "home-of-${user}" (
      lib.mapAttrsToList (name: text: { inherit name; path = pkgs.writeText "file" text; }) config.homes.${user}.file
    );
  in
  {
    options.homes = lib.mkOption { type = lib.types.attrsOf home; default = { }; };
    config = {
      users.users = lib.mapAttrs (_: one: { inherit (one) packages; }) config.homes;
      systemd.services = lib.mapAttrs' (user: one: lib.nameValuePair "home-of-${user}" {
        wantedBy = [ "multi-user.target" ];
        stopIfChanged = false;
        unitConfig.RequiresMountsFor = [ config.users.users.${user}.home ];
        serviceConfig = { User = user; Type = "oneshot"; RemainAfterExit = true; };
        script = ''
          cd ~
          (cd ${files user}; find . -type l) | while read -r name; do
            mkdir -p "$(dirname "$name")"
            ln -sfn "${files user}/$name" "$name"
          done
        '';
      }) config.homes;
    };
  }
"""
USED = """
  { pkgs, lib, ... }:
  let
    jail = pkgs.linkFarm "jail" {
      "lib/systemd/system/jail.service" = pkgs.writeText "jail.service" ''
        [Unit]
        Description=brought by a package
        [Service]
        ExecStart=/bin/sleep infinity
        Restart=on-failure
      '';
      "etc/jail/filter.d/one.conf" = pkgs.writeText "one.conf" "one";
      "etc/jail/filter.d/two.conf" = pkgs.writeText "two.conf" "two";
      "etc/jail/filter.d/readme" = pkgs.writeText "readme" "no";
    };
  in
  {
    imports = [ ./secrets.nix ./homes.nix ];
    secrets.token = "@sealed@";
    environment.etc."app.token".source = "/run/secrets/token";
    environment.etc."jail/filter.d".source = "${jail}/etc/jail/filter.d/*.conf";
    users.users.erna.isNormalUser = true;
    homes.erna = { file.".config/app/settings" = "mark=@mark@"; packages = [ pkgs.hello ]; };
    systemd.packages = [ jail ];
    systemd.services.jail = {
      wantedBy = [ "multi-user.target" ];
      environment.MARK = "@mark@";
      restartTriggers = [ "@mark@" ];
      serviceConfig.RuntimeDirectory = "jail";
    };
    systemd.services.app = {
      wantedBy = [ "multi-user.target" ];
      script = "cat /etc/app.token; exec sleep infinity";
    };
  }
"""


def used(**words: str) -> str:
    text = USED
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text


def test_secrets_homes_and_packaged_units(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    directory = CONFIGURATION.rpartition("/")[0]
    machine.write(f"{directory}/secrets.nix", SECRETS)
    machine.write(f"{directory}/homes.nix", HOMES)
    machine.write("/root/machine.key", "n-za-m")
    switch(machine, used(sealed="frperg", mark="1"))

    assert machine.run("cat /etc/app.token").stdout == "secret\n"
    assert machine.run("stat -c %a /run/secrets/token").stdout == "440\n"
    assert machine.run("ls /etc/jail/filter.d").stdout == "one.conf\ntwo.conf\n"
    login = ["su", "--login", "erna", "--command"]
    assert machine.run([*login, "cat ~/.config/app/settings; command -v hello; hello"]).stdout == (
        "mark=1/etc/profiles/per-user/erna/bin/hello\nHello, world!\n"
    )
    shown = machine.run("systemctl show -P Description -P Restart -P RuntimeDirectory jail.service").stdout.split("\n")
    assert sorted(shown[:3]) == ["brought by a package", "jail", "on-failure"]
    jail, app = main_process(machine, "jail.service"), main_process(machine, "app.service")
    assert jail != "0" != app

    switch(machine, used(sealed="bgure", mark="2"))
    assert machine.run("cat /etc/app.token").stdout == "other\n"
    assert machine.run([*login, "cat ~/.config/app/settings"]).stdout == "mark=2"
    assert "MARK=2" in machine.run("systemctl show -P Environment jail.service").stdout
    assert main_process(machine, "jail.service") not in ("0", jail)
    assert main_process(machine, "app.service") == app
    command(machine, "status", "--exit-code")

    machine.reboot()
    assert machine.run("cat /etc/app.token").stdout == "other\n"
    assert becomes(machine, "journalctl -b -u app.service -o cat | grep -m 1 -o other", "other")
    assert is_active(machine, "home-of-erna.service")
    command(machine, "deactivate")
    assert machine.run("systemctl show -P LoadState jail.service").stdout == "not-found\n"
    accounts = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
    after = {name: entry for name, entry in machine.snapshot("/etc").items() if name.rstrip("-") not in accounts}
    assert after == {name: entry for name, entry in before.items() if name.rstrip("-") not in accounts}
