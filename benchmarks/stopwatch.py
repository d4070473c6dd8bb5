"""Measuring whole processes, side by side."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """What one thing took, in seconds of real time; ``limit`` is what it may take."""

    name: str
    samples: tuple[float, ...]
    limit: float | None = None

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def within_limit(self) -> bool:
        """Whether the median is below the limit, if there is one."""
        return self.limit is None or self.median <= self.limit


def measure(
    name: str, run: Callable[[], object], *, times: int = 10, warm_up: int = 1, limit: float | None = None
) -> Timing:
    """Call ``run`` a few times without and then with the clock running."""
    for _ in range(warm_up):
        run()
    samples = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        samples.append(time.perf_counter() - begin)
    return Timing(name, tuple(samples), limit)


def process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Callable[[], None]:
    """A call that runs a command, which has to succeed."""

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, env=environment)

    return run


def table(timings: Sequence[Timing]) -> str:
    """The timings under headings, for people."""
    rows = [("", "median", "fastest", "slowest", "limit")]
    for timing in timings:
        limit = "" if timing.limit is None else f"{timing.limit:.2f} s {'✓' if timing.within_limit else '✗'}"
        values = (timing.median, min(timing.samples), max(timing.samples))
        rows.append((timing.name, *(f"{value * 1000:.0f} ms" for value in values), limit))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
