"""What options for units and for their success come to on a machine, from the text of a configuration on."""

from __future__ import annotations

import pytest

from tests.machine.steps import CONFIGURATION, command, is_active, main_process, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

UNITS = """
  { pkgs, ... }:
  {
    systemd.services.kept = {
      upheldBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "/bin/sleep infinity";
    };
    systemd.generators.ours = pkgs.writeShellScript "ours" ''
      printf '[Service]\\nExecStart=/bin/true\\n' > "$1/generated.service"
    '';
    systemd.shutdown.ours = pkgs.writeShellScript "ours" "echo going: $1";

    systemd.user.services.agent = {
      wantedBy = [ "default.target" ];
      environment.MARK = "@mark@";
      serviceConfig.ExecStart = "/bin/sleep infinity";
    };
    systemd.user.tmpfiles.rules = [ "f %h/everybody 0640 - - - @mark@" ];
    systemd.user.tmpfiles.users.admin.rules = [ "d %h/of-one 0700 - - -" ];
    systemd.user.tmpfiles.users.root.rules = [ "d %h/of-another 0700 - - -" ];
  }
"""


def of_user(machine: Machine, command_line: str) -> str:
    """What systemctl says to the user ``admin``."""
    environment = "export XDG_RUNTIME_DIR=/run/user/$(id -u admin)"
    return machine.run(f"{environment}; exec runuser -u admin -- systemctl --user {command_line}").stdout.strip()


def test_units_and_what_systemd_runs(machine: Machine) -> None:
    machine.run("loginctl enable-linger admin; systemctl start user@$(id -u admin).service")
    before = machine.snapshot("/etc")
    switch(machine, UNITS.replace("@mark@", "one"))
    assert is_active(machine, "kept.service")
    machine.run("systemctl kill --signal=KILL kept.service")
    machine.run("until systemctl is-active kept.service; do sleep 0.1; done")
    assert machine.run("systemctl show -P LoadState generated.service").stdout == "loaded\n"
    assert machine.run("/etc/systemd/system-shutdown/ours down").stdout == "going: down\n"
    assert of_user(machine, "show -P Environment agent.service").endswith("MARK=one")
    assert machine.run("stat -c '%a %U' /home/admin/everybody /home/admin/of-one").stdout == "640 admin\n700 admin\n"
    assert not machine.path("/home/admin/of-another").exists()

    machine.run("rm /home/admin/everybody")
    switch(machine, UNITS.replace("@mark@", "two"))
    assert of_user(machine, "show -P Environment agent.service").endswith("MARK=two")
    assert machine.run("cat /home/admin/everybody").stdout == "two"

    machine.reboot()
    assert machine.run("systemctl show -P LoadState generated.service").stdout == "loaded\n"
    assert is_active(machine, "kept.service")
    command(machine, "deactivate")
    assert machine.run("systemctl show -P LoadState generated.service").stdout == "not-found\n"
    assert of_user(machine, "show -P LoadState agent.service") == "not-found"
    assert machine.snapshot("/etc") == before


SERVICE = """
  systemd.services.app = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.ExecStart = "/bin/sh -c '@command@'";
  };
"""
CHECK = """
  system-manager.healthChecks.answers = {
    script = "echo as $USER: $(cat /run/answer); grep -q yes /run/answer";
    retries = 1;
  };
"""


def try_to_switch(machine: Machine, configuration: str, *options: str, ends_with: int) -> str:
    """Switch with the limits that the configuration has; what was said."""
    machine.write(CONFIGURATION, f"{{ {configuration} }}")
    done = command(machine, "switch", "--file", CONFIGURATION, *options, ends_with=ends_with)
    return done.stdout + done.stderr


def test_when_a_switch_has_succeeded(machine: Machine) -> None:
    good = SERVICE.replace("@command@", "exec sleep infinity")
    machine.run("echo no > /run/answer")
    said = try_to_switch(machine, good + CHECK, ends_with=3)
    assert "health check answers failed 2 times, the last time: status 1\n" in said
    assert "as root: no" in said
    assert not is_active(machine, "app.service")
    machine.run("echo yes > /run/answer")
    try_to_switch(machine, good + CHECK, ends_with=0)
    process = main_process(machine, "app.service")

    # watched for 3 s by default, for as long as the configuration says, or the command line
    dies = SERVICE.replace("@command@", "sleep 1; echo the reason; exit 5")
    said = try_to_switch(machine, dies + CHECK, ends_with=3)
    assert "app.service failed with status 5" in said
    assert "the reason" in said
    assert main_process(machine, "app.service") not in ("0", process)
    dies_later = SERVICE.replace("@command@", "until test -e /run/die; do sleep 0.1; done; exit 5")
    try_to_switch(machine, f"system-manager.settleTime = 0.5; {dies_later}", ends_with=0)
    machine.run("touch /run/die; until systemctl is-failed app.service; do sleep 0.1; done")
    try_to_switch(machine, good, "--settle", "0", ends_with=0)
    dies = dies.replace("sleep 1", "sleep 4")
    assert "app.service failed with status 5" in try_to_switch(machine, dies, "--settle", "60", ends_with=3)
    never_ready = good.replace("serviceConfig", 'serviceConfig.Type = "notify"; serviceConfig')
    said = try_to_switch(machine, f"system-manager.unitTimeout = 1; {never_ready}", ends_with=3)
    assert "app.service did not start within 1 s, the limit of the activation (system-manager.unitTimeout)" in said
    assert "--unit-timeout" in command(machine, "switch", "--unit-timeout", "soon", ends_with=2).stderr
