"""What configurations do on a real machine, where only systemd, apt and nginx can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.evaluation import PROJECT
from tests.machine.steps import becomes, command, is_active, main_process, switch
from tests.support.machine import Machine

pytestmark = [pytest.mark.machine, pytest.mark.every_suite]


def output(machine: Machine, script: str) -> str:
    """What a shell command prints, without the last newline."""
    return machine.run(["bash", "-lc", script]).stdout.rstrip("\n")


def copy_example(machine: Machine, name: str) -> str:
    """Put an example onto the machine; the path of its ``system.nix`` there."""
    source = PROJECT / "examples" / name
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        machine.write(f"/root/{name}/{file.relative_to(source)}", file.read_text())
    return str(Path("/root") / name / "system.nix")


def test_every_example_can_be_switched_to(machine: Machine) -> None:
    for name in ["hello-service", "files", "timers", "tmpfiles", "overlay-distribution-unit", "web-server"]:
        command(machine, "switch", "--settle", "0", "--file", copy_example(machine, name))
        assert (
            output(machine, "systemctl list-units --state=failed --no-legend 'heartbeat*' 'hello*' 'nginx*' 'system*'")
            == ""
        )
        if name == "files":
            assert output(machine, "stat -c '%a %U:%G' /etc/app/local.conf") == "640 root:adm"
            assert output(machine, "cat /etc/app/enabled/dark.css") == "body { color: white; }"
            assert output(machine, "cat /etc/issue.net") == "managed=yes"
        if name == "tmpfiles":
            assert output(machine, "cat /var/lib/app/first-run") == "Written once."
            assert output(machine, "readlink /var/lib/app/current") == "/var/lib/app/releases/my first"
        if name == "overlay-distribution-unit":
            assert output(machine, "systemctl show --property=LoadState --value apt-daily.timer") == "masked"
    assert output(machine, "curl -s http://localhost/health") == "ok"
    assert output(machine, "echo $EDITOR; command -v tree") == "nano\n/run/system-manager/sw/bin/tree"
    assert output(machine, "cat /etc/issue.net") != "managed=yes"


def test_a_package_that_only_a_script_names_is_installed(machine: Machine) -> None:
    switch(
        machine,
        """
        { pkgs, ... }:
        {
          systemd.services.look = {
            wantedBy = [ "multi-user.target" ];
            path = [ pkgs.fd ];
            script = "${pkgs.writeShellScript "inner" "${pkgs.tree}/bin/tree --version; fd --version"} > /run/looked";
            serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
          };
        }
        """,
    )
    looked = output(machine, "cat /run/looked")
    assert "tree v" in looked
    assert "fd" in looked.splitlines()[-1]


WITH_RELOAD = """
{
  services.nginx = {
    enable = true;
    enableReload = true;
    virtualHosts.localhost.locations."/".return = "200 %s";
  };
}
"""


def test_nginx_reloads_its_configuration_if_it_may(machine: Machine) -> None:
    switch(machine, WITH_RELOAD % "one")
    before = main_process(machine, "nginx.service")
    assert output(machine, "curl -s http://localhost/") == "one"
    switch(machine, WITH_RELOAD % "two")
    assert becomes(machine, "curl -s http://localhost/", "two")  # nginx reloads some time after it was told
    assert main_process(machine, "nginx.service") == before


def test_a_configuration_that_nginx_refuses_changes_nothing(machine: Machine) -> None:
    switch(machine, WITH_RELOAD % "one")
    switch(machine, WITH_RELOAD.replace('"200 %s"', '"200 one; }"'), ends_with=1)
    assert output(machine, "curl -s http://localhost/") == "one"
    assert is_active(machine, "nginx.service")


def test_variables_reach_a_login_shell_as_they_were_written(machine: Machine) -> None:
    switch(machine, """{ environment.variables.ODD = "it's `x` $HOME \\"q\\" \\\\ end"; }""")
    assert output(machine, 'printf %s "$ODD"') == 'it\'s `x` $HOME "q" \\ end'
    # What user units get, in the quoting of that program.
    generated = output(machine, "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
    assert 'ODD="it\'s \\`x\\` \\$HOME \\"q\\" \\\\ end"' in generated.splitlines()


def test_programs_are_there_after_a_reboot(machine: Machine) -> None:
    switch(machine, "{ pkgs, ... }: { environment.systemPackages = [ pkgs.tree ]; }")
    machine.reboot()
    assert output(machine, "command -v tree") == "/run/system-manager/sw/bin/tree"
    assert is_active(machine, "system-manager.target")
