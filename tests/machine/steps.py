"""What a user does on a machine, in a line each."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from tests.support.machine import Machine

CONFIGURATION = "/root/configuration/system.nix"


def switch(
    machine: Machine, configuration: str | None, *options: str, ends_with: int = 0
) -> subprocess.CompletedProcess[str]:
    """Write the configuration (``None``: leave it) and switch to it.

    Services that are expected to come up are not watched after their start, which would take its time in every test.
    Those that are expected to fail are for as long as that may take: it ends when one has.
    """
    if configuration is not None:
        machine.write(CONFIGURATION, configuration)
    settle = "0" if ends_with == 0 else "60"
    return command(machine, "switch", "--settle", settle, "--file", CONFIGURATION, *options, ends_with=ends_with)


def command(machine: Machine, *arguments: str, ends_with: int = 0) -> subprocess.CompletedProcess[str]:
    """Run ``system-manager``; its exit code has to be the given one, and it never prints a traceback."""
    completed = machine.run(["system-manager", *arguments], check=False)
    said = (
        f"system-manager {' '.join(arguments)} ended with {completed.returncode}:\n{completed.stdout}{completed.stderr}"
    )
    assert completed.returncode == ends_with, said
    assert "Traceback" not in completed.stderr, said
    return completed


def generations(machine: Machine) -> list[dict[str, Any]]:
    """The generations, newest first."""
    result: list[dict[str, Any]] = json.loads(command(machine, "generations", "--json").stdout)
    return result


def current_generation(machine: Machine) -> int | None:
    """The number of the current generation."""
    return next((entry["generation"] for entry in generations(machine) if entry["current"]), None)


def main_process(machine: Machine, unit: str) -> str:
    """The number of a service's main process; ``0`` when it does not run."""
    return machine.run(["systemctl", "show", "--property=MainPID", "--value", unit]).stdout.strip()


def becomes(machine: Machine, script: str, expected: str) -> bool:
    """Whether a shell command prints this sooner or later: what a service does begins after systemd calls it started.

    :param expected: without the last newline.
    """
    deadline = time.monotonic() + 60
    while machine.run(["bash", "-lc", script], check=False).stdout.rstrip("\n") != expected:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def is_active(machine: Machine, unit: str) -> bool:
    """Whether a unit is active."""
    return machine.run(["systemctl", "is-active", unit], check=False).stdout.strip() == "active"


def sleeper(name: str, *, mark: str = "", unit: str = "") -> str:
    """A configuration with one service that runs until it is stopped.

    :param mark: makes another definition of it.
    :param unit: more attributes of the service, as Nix.
    """
    return f"""
      {{
        systemd.services.{name} = {{
          wantedBy = [ "multi-user.target" ];
          environment.MARK = "{mark}";
          serviceConfig.ExecStart = "/bin/sleep infinity";
          {unit}
        }};
      }}
    """
