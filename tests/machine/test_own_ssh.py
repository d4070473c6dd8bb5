"""A service that takes the place of the distribution's own, and goes again: who is far away is not locked out."""

from __future__ import annotations

import pytest

from tests.machine.steps import command, is_active, switch
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
    options = "-o StrictHostKeyChecking=no -o BatchMode=yes -o LogLevel=ERROR -o ConnectionAttempts=5"
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
