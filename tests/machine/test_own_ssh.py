"""A service that takes the place of the distribution's own, and goes again: who is far away is not locked out."""

from __future__ import annotations

import pytest

from tests.machine.steps import becomes, command, is_active, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

OURS = """
  {
    systemd.services.ssh = {
      description = "Our own way in";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStartPre = "/bin/mkdir -p /run/sshd";
        ExecStart = "/usr/sbin/sshd -D -o PidFile=none -o Banner=/etc/issue";
        KillMode = "process";
      };
    };
  }
"""
MASKED = '{ systemd.maskedUnits = [ "ssh.service" ]; }'


def log_in(machine: Machine) -> str:
    """What a command says that is run over the network; it has to succeed."""
    options = "-o StrictHostKeyChecking=no -o BatchMode=yes -o LogLevel=ERROR -o ConnectionAttempts=60"
    return machine.run(f"ssh {options} root@localhost echo reached").stdout


def unit_file(machine: Machine) -> str:
    return machine.run("systemctl show -P FragmentPath ssh.service").stdout.strip()


def test_ssh_stays_reachable(machine: Machine) -> None:
    machine.run("apt-get install -qq openssh-client openssh-server", environment={"DEBIAN_FRONTEND": "noninteractive"})
    machine.run("mkdir -m 700 /root/.ssh; ssh-keygen -q -N '' -t ed25519 -f /root/.ssh/id_ed25519")
    machine.run("cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys")
    machine.run("systemctl disable --now ssh.socket 2> /dev/null; systemctl enable --now ssh.service")
    before = machine.snapshot("/etc")
    assert log_in(machine) == "reached\n"
    theirs = unit_file(machine)

    switch(machine, OURS)
    assert unit_file(machine) == "/etc/systemd/system/ssh.service"
    assert log_in(machine) == "reached\n"
    switch(machine, "{ }")
    assert unit_file(machine) == theirs
    assert is_active(machine, "ssh.service")
    assert log_in(machine) == "reached\n"

    # the same by a mask, by way of ours, and when everything goes at once
    switch(machine, MASKED)
    assert not is_active(machine, "ssh.service")
    switch(machine, OURS)
    assert log_in(machine) == "reached\n"
    switch(machine, MASKED)
    command(machine, "rollback", "--to", "2")
    assert (unit_file(machine), log_in(machine)) == (theirs, "reached\n")
    switch(machine, OURS)
    command(machine, "deactivate")
    assert (unit_file(machine), log_in(machine)) == (theirs, "reached\n")
    assert machine.snapshot("/etc") == before


SERVER = """
  {
    users.users.root.openssh.authorizedKeys.keys = [ "@key@" ];
    services.openssh = {
      enable = true;
      banner = "at most @tries@\n";
      settings = { PermitRootLogin = "prohibit-password"; MaxAuthTries = "@tries@"; };
    };
    programs.ssh = {
      extraConfig = "Host near\\n  HostName localhost\\n  User root\\n";
      knownHosts.machine = { extraHostNames = [ "localhost" ]; publicKey = "@host@"; };
    };
    @more@
  }
"""


def test_the_distributions_server_with_our_settings(machine: Machine) -> None:
    """Also what it is for: a machine that is changed from another one."""
    install = "apt-get install -qq openssh-client openssh-server; ssh-keygen -q -N '' -t ed25519 -f"
    machine.run(f"{install} /root/declared", environment={"DEBIAN_FRONTEND": "noninteractive"})
    machine.run("systemctl disable --now ssh.socket 2> /dev/null; systemctl enable --now ssh.service")
    before = machine.snapshot("/etc")
    words = {
        "key": machine.run("cat /root/declared.pub").stdout.strip(),
        "host": " ".join(machine.run("cat /etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[:2]),
    }

    def configuration(tries: str, more: str = "") -> str:
        text = SERVER
        for name, value in {**words, "tries": tries, "more": more}.items():
            text = text.replace(f"@{name}@", value)
        return text

    def over_ssh(script: str, options: str = "-i /root/declared") -> tuple[int, str]:
        ssh = f"ssh {options} -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectionAttempts=60"
        done = machine.run([*ssh.split(), "near", script], check=False)
        return done.returncode, done.stdout + done.stderr

    switch(machine, configuration("4"))
    assert over_ssh("echo reached") == (0, "reached\nat most 4\n")
    assert machine.run("cat /etc/ssh/ssh_known_hosts").stdout == f"machine,localhost {words['host']}\n"
    assert "maxauthtries 4\n" in machine.run("sshd -T").stdout
    sftp = "sftp -i /root/declared -o BatchMode=yes -b - near"
    machine.run(sftp, stdin="get /etc/hostname /root/fetched\n")
    assert machine.run("cat /root/fetched").stdout == machine.run("cat /etc/hostname").stdout
    settings = machine.snapshot("/etc/ssh")
    machine.run("dpkg-reconfigure openssh-server", environment={"DEBIAN_FRONTEND": "noninteractive"})
    assert machine.snapshot("/etc/ssh") == settings
    assert over_ssh("echo reached") == (0, "reached\nat most 4\n")

    # Other settings are read by the server that runs; such as it would refuse do not get there.
    process = machine.run("systemctl show -P MainPID ssh").stdout
    for who in ("administrators", "visitors"):
        machine.run(f"ssh-keygen -q -N '' -t ed25519 -f /root/{who}")
        machine.run(f"ssh-keygen -q -s /root/declared -I somebody -n {who} /root/{who}.pub")
    principals = """
      services.openssh.settings.TrustedUserCAKeys = "/root/declared.pub";
      users.users.root.openssh.authorizedPrincipals = [ "administrators" ];
    """
    switch(machine, configuration("3", principals))
    become_3 = "ssh -i /root/declared -o BatchMode=yes -o ConnectionAttempts=60 near true 2>&1"
    assert becomes(machine, become_3, "at most 3")  # the server reads them some time after it was told
    assert over_ssh("echo reached") == (0, "reached\nat most 3\n")
    assert over_ssh("echo reached", "-i /root/administrators") == (0, "reached\nat most 3\n")
    assert over_ssh("echo reached", "-i /root/visitors")[0] == 255
    assert machine.run("systemctl show -P MainPID ssh").stdout == process
    assert "MaxAuthTries" in switch(machine, configuration("many"), ends_with=1).stderr

    # A switch over the connection that it changes, and its exit codes.
    machine.write("/root/new.nix", configuration("5", 'environment.etc.changed.text = "from afar";'))
    bad = 'systemd.services.bad = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "/bin/false"; };'
    machine.write("/root/bad.nix", configuration("6", bad))
    status, said = over_ssh("system-manager switch --settle 0 --file /root/new.nix")
    assert status == 0, said
    assert over_ssh("cat /etc/changed") == (0, "from afarat most 5\n")
    status, said = over_ssh("system-manager switch --settle 60 --file /root/bad.nix")
    assert (status, "bad.service" in said) == (3, True), said
    status, said = over_ssh("system-manager status --exit-code")
    assert (status, said.endswith("at most 5\n")) == (0, True), said
    machine.run("install -D -m 600 /root/declared.pub /root/.ssh/authorized_keys")
    status, said = over_ssh("system-manager deactivate")
    assert status == 0, said
    assert machine.snapshot("/etc") == before
    assert is_active(machine, "ssh.service")
    machine.run("mv /root/declared /root/.ssh/id_ed25519")
    assert log_in(machine) == "reached\n"
