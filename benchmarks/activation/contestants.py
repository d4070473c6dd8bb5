"""The programs that are measured, each as somebody who knows it well would use it on one machine."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.activation.results import Run
from benchmarks.activation.workload import DIRECTORY, Content, Stage
from tests.support.machine import Machine

INSIDE = Path(__file__).parent / "inside"


class FailedError(Exception):
    """A contestant did not do what it was asked to. The text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program.

    :ivar environments: what it has to find installed, see :func:`tests.support.machine.layers`.
    :ivar at_least: how many times faster than it the engine has to be.
    """

    name: str
    environments: Mapping[str, Sequence[str]]
    at_least: float | None = None

    def command(self, stage: Stage, content: Content) -> list[str]:
        """The command that brings ``content`` about, or with DEACTIVATE takes it away."""
        raise NotImplementedError

    def run(self, machine: Machine, stage: Stage, content: Content, *, limit: float) -> Run:
        """Measure one stage. Raises :class:`FailedError`."""
        meter = ["/usr/bin/python3", f"{DIRECTORY}/meter.py", f"{limit:g}", f"{DIRECTORY}/output"]
        patience = None if math.isinf(limit) else limit + 600
        done = machine.run([*meter, *self.command(stage, content)], environment=_ENVIRONMENT, timeout=patience)
        said = json.loads(done.stdout)
        if said["status"] and not said["cut"]:
            raise FailedError(machine.path(f"{DIRECTORY}/output").read_text(errors="replace")[-2000:])
        return Run(said["seconds"], said["processor"], said["memory"], said["cut"])


# Pipelining and no facts: ansible's own advice for speed.
_ENVIRONMENT = {"ANSIBLE_PIPELINING": "True", "ANSIBLE_LOCALHOST_WARNING": "False", "ANSIBLE_INVENTORY": "localhost,"}


class Engine(Contestant):
    """``system-manager-engine``, durable writes and rollback included."""

    def command(self, stage: Stage, content: Content) -> list[str]:
        """Activate or deactivate."""
        if stage is Stage.DEACTIVATE:
            return ["system-manager-engine", "deactivate"]
        return ["system-manager-engine", "activate", "--toplevel", content.toplevel]


class Ansible(Contestant):
    """ansible-core with its file, copy and systemd modules over the local connection."""

    def command(self, stage: Stage, content: Content) -> list[str]:
        """Run one of the two playbooks."""
        playbook = "absent.yml" if stage is Stage.DEACTIVATE else "present.yml"
        return ["/opt/ansible/bin/ansible-playbook", f"{DIRECTORY}/{playbook}", "-e", f"@{content.description}"]


class Pyinfra(Contestant):
    """pyinfra with its operations for files and systemd on ``@local``."""

    def command(self, stage: Stage, content: Content) -> list[str]:
        """Run the deploy."""
        data = [f"--data=description={content.description}", f"--data=absent={int(stage is Stage.DEACTIVATE)}"]
        return ["/opt/pyinfra/bin/pyinfra", "-y", *data, "@local", f"{DIRECTORY}/deploy.py"]


CONTESTANTS: tuple[Contestant, ...] = (
    Engine("system-manager", {}),
    Ansible("ansible-core", {"/opt/ansible": ("ansible-core==2.19.*",)}, at_least=50),
    Pyinfra("pyinfra", {"/opt/pyinfra": ("pyinfra==3.*",)}, at_least=5),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured elsewhere: seconds for each number of files and stage."""

    source: str
    seconds: Mapping[int, Mapping[Stage, float]]


NUMTIDE = Known(
    "numtide's: system-manager-engine of numtide/system-manager (48d4734, Rust), measured once in the same kind of "
    "container on a machine of this kind (November 2026); ratios across machines say little",
    {
        100: {Stage.FIRST: 0.18, Stage.AGAIN: 0.13, Stage.CHANGED: 0.16, Stage.DEACTIVATE: 0.13},
        1_000: {Stage.FIRST: 0.57, Stage.AGAIN: 0.33, Stage.CHANGED: 0.35, Stage.DEACTIVATE: 0.32},
        10_000: {Stage.FIRST: 5.1, Stage.AGAIN: 7.8, Stage.CHANGED: 5.1, Stage.DEACTIVATE: 0.66},
    },
)


def prepare(machine: Machine, contents: Sequence[Content]) -> None:
    """Put everything into the machine that a run reads."""
    machine.copy_in(INSIDE, DIRECTORY)
    for content in contents:
        content.prepare(machine)
    machine.run("sync")


def bring_about(machine: Machine, content: Content) -> None:
    """Make the machine what a contestant that was cut off would have made it."""
    machine.run(["/usr/bin/python3", f"{DIRECTORY}/bring_about.py", content.description])
