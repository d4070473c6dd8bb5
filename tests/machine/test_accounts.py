"""Users and groups on a real machine: made, used by files and services, locked, found again, and taken back."""

from __future__ import annotations

import pytest

from tests.machine.steps import becomes, command, is_active, switch
from tests.support.machine import Machine

pytestmark = pytest.mark.machine

DATABASES = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid")

CONFIGURATION = """
  {
    users.groups.app = { };
    users.users.app = { isSystemUser = true; group = "app"; };
    users.users.alice = {
      isNormalUser = true;
      description = "Alice";
      extraGroups = [ "app" "no-such-group" ];
      password = "correct horse";
    };
    environment.etc."app.key" = { text = "secret"; mode = "0600"; user = "app"; group = "app"; };
    systemd.services.app = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { User = "app"; ExecStart = "/bin/sleep infinity"; };
    };
  }
"""


def output(machine: Machine, *words: str) -> str:
    return machine.run(list(words)).stdout.strip()


def databases(machine: Machine) -> dict[str, str]:
    return {path: output(machine, "sh", "-c", f"stat -c '%a %u %g' {path}; cat {path}") for path in DATABASES}


def test_life_of_accounts(machine: Machine) -> None:
    before = databases(machine)
    switch(machine, CONFIGURATION)
    assert output(machine, "id", "-Gn", "alice") == "users app"
    assert output(machine, "su", "-", "alice", "-c", "echo $HOME $SHELL") == "/home/alice /bin/bash"
    assert output(machine, "stat", "-c", "%a %U %G", "/home/alice") == "700 alice users"
    assert output(machine, "stat", "-c", "%a %U %G", "/etc/app.key") == "600 app app"
    assert becomes(machine, "ps -C sleep -o user=", "app")
    assert output(machine, "pwck", "-r", "-q") == output(machine, "grpck", "-r") == ""
    number = output(machine, "id", "-u", "alice")
    password = output(machine, "getent", "shadow", "alice").split(":")[1]
    assert password.startswith("$6$")

    switch(machine, "{ }")
    assert not is_active(machine, "app")
    assert output(machine, "passwd", "-S", "alice").split()[1] == "L"
    assert machine.run(["su", "-", "alice", "-c", "true"], check=False).returncode != 0
    assert output(machine, "id", "-Gn", "alice") == "users"

    command(machine, "rollback")
    assert is_active(machine, "app")
    assert output(machine, "id", "-u", "alice") == number
    assert output(machine, "getent", "shadow", "alice").split(":")[1] == password
    assert machine.run(["su", "-", "alice", "-c", "true"]).returncode == 0

    command(machine, "deactivate")
    after = databases(machine)
    for path in DATABASES:
        left = [line for line in after[path].splitlines() if not line.startswith(("alice:", "app:"))]
        assert left == before[path].splitlines(), path
    for name in ("alice", "app"):
        fields = output(machine, "getent", "shadow", name).split(":")
        assert (fields[1][0], fields[7]) == ("!", "1")


def test_a_failed_switch_leaves_no_account(machine: Machine) -> None:
    before = databases(machine)
    switch(machine, CONFIGURATION.replace("/bin/sleep infinity", "/bin/false"), ends_with=3)
    assert databases(machine) == before
    assert machine.run(["test", "-e", "/home/alice"], check=False).returncode != 0


def test_a_taken_number_is_refused(machine: Machine) -> None:
    before = databases(machine)
    said = switch(machine, '{ users.users.x = { isSystemUser = true; uid = 1; group = "root"; }; }', ends_with=1)
    assert "already that of 'daemon'" in said.stderr
    assert databases(machine) == before


HELD = """
  {
    users.mutableUsers = false;
    users.groups.app = { };
    users.groups.adm = { };
    users.users.alice = { isNormalUser = true; extraGroups = [ "app" "adm" ]; password = "correct horse"; };
  }
"""


def test_accounts_that_are_held_to_the_configuration(machine: Machine) -> None:
    """The distribution's tools go on working; what they do to declared accounts is taken back by the next switch."""
    switch(machine, HELD)
    declared = output(machine, "getent", "shadow", "alice")
    machine.run(
        """
        echo alice:changed | chpasswd
        useradd --create-home hand; echo hand:theirs | chpasswd
        usermod -aG app,adm hand; gpasswd --delete alice app
        """
    )
    by_hand = output(machine, "getent", "shadow", "hand")
    assert output(machine, "getent", "shadow", "alice") != declared
    switch(machine, None)
    # Clear text is hashed with another salt each time: the same hash is there only when it was there before.
    password = output(machine, "getent", "shadow", "alice").split(":")[1]
    assert password != declared.split(":")[1]
    switch(machine, None)
    assert output(machine, "getent", "shadow", "alice").split(":")[1] == password
    assert output(machine, "id", "-Gn", "alice") == "users adm app"
    assert output(machine, "id", "-Gn", "hand") == "hand adm"
    assert output(machine, "getent", "shadow", "hand") == by_hand
    assert command(machine, "status", "--exit-code").returncode == 0


def test_whom_the_machine_knew_already(machine: Machine) -> None:
    machine.run(
        """
        groupadd operators; useradd --create-home here; echo here:theirs | chpasswd; gpasswd --add here operators
        """
    )
    modes = "stat -c '%a %U %G' /etc/passwd /etc/group /etc/shadow /etc/gshadow"
    before, shells = machine.run(modes).stdout, machine.run("getent passwd root nobody here").stdout
    switch(
        machine,
        """
          {
            users.groups.operators = { };
            users.groups.wheel = { };
            users.users.managed = { isNormalUser = true; extraGroups = [ "operators" "wheel" ]; };
          }
        """,
    )
    assert output(machine, "getent", "group", "operators").split(":")[3] == "here,managed"
    # An account that somebody makes while others are managed is theirs, too.
    machine.run("useradd --create-home later; echo later:theirs | chpasswd; gpasswd --add later operators")
    switch(machine, "{ users.groups.operators = { }; }")
    command(machine, "rollback")
    command(machine, "deactivate")
    assert output(machine, "getent", "group", "operators").split(":")[3] == "here,later"
    assert [output(machine, "passwd", "-S", name).split()[1] for name in ("here", "later", "managed")] == [
        "P",
        "P",
        "L",
    ]
    assert machine.run(["su", "here", "-c", "su later -c true"], stdin="theirs\n").returncode == 0
    assert (machine.run(modes).stdout, machine.run("getent passwd root nobody here").stdout) == (before, shells)


def test_accounts_that_somebody_makes_at_the_same_time(machine: Machine) -> None:
    """While units are stopped, between the plan and the accounts: what does not concern ours is no reason to fail."""
    slow = """
      systemd.services.slow = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig.ExecStart = "/bin/sleep infinity";
        serviceConfig.ExecStop = "/bin/sh -c 'until [ -e /run/go ]; do sleep 0.1; done'";
      };
    """
    ours = 'users.users.ours = { isSystemUser = true; group = "daemon"; }; users.groups.ours = { };'
    during = """
      sh -c 'until [ "$(systemctl is-active slow)" = deactivating ]; do sleep 0.1; done; %s; touch /run/go' \
        >/dev/null 2>&1 &
    """
    machine.run("rm -f /run/go")
    switch(machine, f"{{ {slow} }}")
    machine.run(during % "useradd meanwhile; echo meanwhile:theirs | chpasswd; gpasswd --add meanwhile adm")
    switch(machine, f"{{ {ours} }}")
    assert output(machine, "id", "-Gn", "meanwhile") == "meanwhile adm"
    assert output(machine, "passwd", "-S", "meanwhile").split()[1] == "P"
    assert output(machine, "pwck", "-r", "-q") == output(machine, "grpck", "-r") == ""

    machine.run("rm /run/go")
    switch(machine, f"{{ {slow} }}")
    before = output(machine, "getent", "passwd", "ours")
    machine.run(during % "useradd --system later; usermod --comment theirs ours")
    refused = ours.replace("isSystemUser", 'description = "ours"; isSystemUser')
    switch(machine, f"{{ {refused} }}", ends_with=3)
    assert output(machine, "getent", "passwd", "ours") == before.replace("::", ":theirs:", 1)
    assert is_active(machine, "slow")
    machine.run("touch /run/go; userdel meanwhile; userdel later")
