"""What was measured, and what can be said of what was not."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.activation.workload import Size, Stage


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process with its children.

    :ivar seconds: real time; ``processor`` is user and system time, which does not count what systemd does.
    :ivar memory: peak in bytes, of all its processes together.
    :ivar cut: it was ended because it reached the limit.
    """

    seconds: float
    processor: float
    memory: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take that was not made."""

    seconds: float


Runs = Mapping[tuple[Size, Stage], Sequence[Run]]


PROBES = (Size(10, 1), Size(10, 10))
"""Small sizes that show what a service costs."""


def estimate(runs: Runs, size: Size, stage: Stage) -> Estimate | None:
    """From the two largest smaller sizes and the probes that were measured to the end; None without these.

    Programs whose time grows faster than the number of things to do take longer than that.
    """
    measured = {
        smaller: statistics.median(run.seconds for run in found)
        for (smaller, its_stage), found in runs.items()
        if its_stage is stage and smaller.files < size.files and not any(run.cut for run in found)
    }
    if not measured.keys() > set(PROBES):
        return None
    one, ten = PROBES
    of_service = max(0.0, (measured[ten] - measured[one]) / (ten.services - one.services))
    fewer, more = sorted(measured, key=lambda each: (each.files, each.services))[-2:]
    rest = measured[more] - measured[fewer] - of_service * (more.services - fewer.services)
    of_file = max(0.0, rest / (more.files - fewer.files))
    growth = of_service * (size.services - more.services) + of_file * (size.files - more.files)
    return Estimate(measured[more] + growth)


@dataclass(slots=True)
class Results:
    """What every contestant took; and whether the engine kept within its limits."""

    runs: dict[str, dict[tuple[Size, Stage], list[Run]]] = field(default_factory=dict)
    kept: bool = True

    def of(self, name: str, size: Size, stage: Stage) -> list[Run]:
        """The runs of one stage, none when it was not measured."""
        return self.runs.get(name, {}).get((size, stage), [])

    def judged(self, kept: bool) -> str:
        """A mark, which counts."""
        self.kept = self.kept and kept
        return "✓" if kept else "✗"
