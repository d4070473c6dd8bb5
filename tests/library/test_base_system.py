"""What NixOS sets for the base system, on a machine: its own programs have to understand it."""

from __future__ import annotations

import pytest

from tests.library.evaluation import HERE
from tests.library.test_on_a_machine import output
from tests.machine.steps import becomes, command, is_active, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

CONFIGURATION = """
{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];
  time.timeZone = "Pacific/Chatham";
  i18n.defaultLocale = "C.UTF-8";
  networking.hostName = "machine";
  networking.hosts."192.0.2.1" = [ "printer.example.org" "printer" ];
  security.pam.loginLimits = [ { domain = "admin"; item = "nofile"; value = 4321; } ];
  systemd.settings.Manager.DefaultTimeoutStopSec = "31s";
  services.journald.extraConfig = "SystemMaxUse=123M";
  fileSystems."/" = { device = "/dev/nonsense"; fsType = "ext4"; };
  fileSystems."/srv/in memory" = { device = "tmpfs"; fsType = "tmpfs"; options = [ "size=1m" "nofail" ]; };
  environment.shellAliases.greet = "echo it\\\\'s";
  programs.bash.shellAliases."..." = "cd ../..";
  programs.bash.promptInit = "shopt -s globstar";
  environment.localBinInPath = true;
  security.pki.certificates = [ (builtins.readFile /root/authority.pem) ];
  services.cron.enable = true;
  services.cron.systemCronJobs = [ "@reboot root date > /run/cron-was-here" ];
}
"""


def test_the_base_system_as_nixos_has_it(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    hosts = output(machine, "cat /etc/hosts")
    journal = output(machine, "systemctl show --property=MainPID systemd-journald.service")
    machine.copy_in(HERE / "configurations/keys/authority.pem", "/root/authority.pem")
    switch(machine, CONFIGURATION)
    assert output(machine, "date +%Z") == "+1345" or output(machine, "date +%Z") == "+1245"
    assert output(machine, "timedatectl show --property=Timezone --value") == "Pacific/Chatham"
    assert output(machine, "echo $LANG; localectl status | grep -c LANG=C.UTF-8") == "C.UTF-8\n1"
    assert output(machine, "getent hosts printer machine").split() == [
        *("192.0.2.1", "printer.example.org", "printer"),
        *("127.0.1.1", "machine"),
    ]
    assert output(machine, "su --login admin --command 'ulimit -n'") == "4321"
    assert output(machine, "systemctl show --property=DefaultTimeoutStopUSec --value") == "31s"
    assert output(machine, "systemctl show --property=MainPID systemd-journald.service") != journal
    assert output(machine, "findmnt --noheadings --output FSTYPE,SIZE '/srv/in memory'").split() == ["tmpfs", "1M"]
    assert output(machine, "findmnt --noheadings --output SOURCE /") != "/dev/nonsense"

    trusted = "openssl verify -no_check_time -CApath /etc/ssl/certs /root/authority.pem 2>&1 | tail -n 1"
    assert output(machine, trusted) == "/root/authority.pem: OK"

    typed = machine.run(["bash", "-lic", "greet; cd /usr/share/doc; ...; pwd; shopt globstar"]).stdout.split()
    assert typed == ["it's", "/usr", "globstar", "on"]
    assert output(machine, "alias") == ""
    assert output(machine, "sh -lc 'echo $PATH'").split(":")[0] == "/root/.local/bin"

    assert is_active(machine, "cron.service")
    assert becomes(machine, "test -s /run/cron-was-here && echo yes; true", "yes")

    command(machine, "deactivate")
    assert output(machine, "pgrep cron; command -v cron; true") == ""
    assert output(machine, trusted).startswith("error")
    assert output(machine, "cat /etc/hosts") == hosts
    assert not machine.path("/srv/in memory").is_mount()
    changed = {path for path, entry in machine.snapshot("/etc").items() if before.get(path) != entry}
    assert changed <= {"group", "group-", "gshadow", "gshadow-"}  # cron has made one of its own
    assert output(machine, "systemctl show --property=DefaultTimeoutStopUSec --value") == "1min 30s"


def test_what_the_machine_does_not_know_changes_nothing(machine: Machine) -> None:
    for zone, said in {
        "Europe/Viena": "there is no time zone Europe/Viena; did you mean Europe/Vienna",
        "vienna": "there is no time zone vienna; did you mean Europe/Vienna",
        "Europe": "there is no time zone Europe; ",
        "leapseconds": "there is no time zone leapseconds; ",
    }.items():
        refused = switch(machine, f'{{ time.timeZone = "{zone}"; }}', ends_with=1)
        assert f"time.timeZone: {said}" in refused.stderr

    refused = switch(machine, "{ systemd.services.systemd-journald.serviceConfig.Nice = -5; }", ends_with=1)
    assert 'has systemd-journald.service, too: overrideStrategy = "asDropin" adds to its unit' in refused.stderr
