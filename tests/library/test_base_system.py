"""What NixOS sets for the base system, on a machine: its own programs have to understand it."""

from __future__ import annotations

import pytest

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
  services.cron.enable = true;
  services.cron.systemCronJobs = [ "@reboot root date > /run/cron-was-here" ];
}
"""


def test_the_base_system_as_nixos_has_it(machine: Machine) -> None:
    before = machine.snapshot("/etc")
    hosts = output(machine, "cat /etc/hosts")
    journal = output(machine, "systemctl show --property=MainPID systemd-journald.service")
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

    typed = machine.run(["bash", "-lic", "greet; cd /usr/share/doc; ...; pwd; shopt globstar"]).stdout.split()
    assert typed == ["it's", "/usr", "globstar", "on"]
    assert output(machine, "alias") == ""
    assert output(machine, "sh -lc 'echo $PATH'").split(":")[0] == "/root/.local/bin"

    assert is_active(machine, "cron.service")
    assert becomes(machine, "test -s /run/cron-was-here && echo yes; true", "yes")

    command(machine, "deactivate")
    assert output(machine, "pgrep cron; command -v cron; true") == ""
    assert output(machine, "cat /etc/hosts") == hosts
    assert not machine.path("/srv/in memory").is_mount()
    changed = {path for path, entry in machine.snapshot("/etc").items() if before.get(path) != entry}
    assert changed <= {"group", "group-", "gshadow", "gshadow-"}  # cron has made one of its own
    assert output(machine, "systemctl show --property=DefaultTimeoutStopUSec --value") == "1min 30s"
