"""``python -m benchmarks.activation``: the engine beside ansible-core and pyinfra, on machines with a real systemd.

Each contestant gets a fresh container. The engine runs every stage several times and the median counts; the others,
which take minutes, run once and are ended at ``--limit`` (``> N s``). A contestant that was cut off finds the machine
for its next stage as it would have made it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.activation.contestants import (
    CONTESTANTS,
    Contestant,
    FailedError,
    Run,
    bring_about,
    prepare,
)
from benchmarks.activation.workload import Content, Size, Stage
from tests.support.machine import machine
from tests.support.roots import UnavailableError

SIZES = (Size(100, 10), Size(1_000, 100), Size(10_000, 200))
# Seconds that the engine may take.
TARGETS: dict[Stage, tuple[float | None, ...]] = {
    Stage.FIRST: (0.25, 0.7, 3.0),
    Stage.AGAIN: (0.15, 0.2, 0.6),
    Stage.CHANGED: (0.25, 0.35, 0.8),
    Stage.DEACTIVATE: (None, None, 0.7),
}
_MEMORY_LIMIT = 100
_MEGABYTE = 1024 * 1024
_ROUNDS = 5
_LIMIT = 60.0

Runs = dict[tuple[Size, Stage], list[Run]]


@dataclass(slots=True)
class Results:
    """What every contestant took; and whether the engine kept within its limits."""

    runs: dict[str, Runs] = field(default_factory=dict)
    kept: bool = True

    def of(self, name: str, size: Size, stage: Stage) -> list[Run]:
        """The runs of one stage, none when it was not measured."""
        return self.runs.get(name, {}).get((size, stage), [])


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table; 1 if a target was missed."""
    options = _parse(arguments)
    results = Results()
    sizes = [size for size in SIZES if size.files in options.files]
    try:
        for contestant in CONTESTANTS:
            if contestant.name in options.contestants:
                rounds = options.rounds if contestant.at_least is None else 1
                results.runs[contestant.name] = _measure(contestant, sizes, rounds=rounds, limit=options.limit)
    except UnavailableError as error:
        sys.stdout.write(f"not measured: {error}\n")
        return 0
    sys.stdout.write(_table(results, sizes))
    return 0 if results.kept else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.activation", description=__doc__)
    sizes = [size.files for size in SIZES]
    names = [contestant.name for contestant in CONTESTANTS]
    parser.add_argument("--files", type=int, nargs="+", choices=sizes, default=sizes, help="sizes to measure")
    parser.add_argument("--contestants", nargs="+", choices=names, default=names, help="programs to measure")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="runs of the engine (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds for one run (default: %(default)s)")
    return parser.parse_args(arguments)


def _measure(contestant: Contestant, sizes: Sequence[Size], *, rounds: int, limit: float) -> Runs:
    found: Runs = {}
    for size in sizes:
        before, after = Content(size, 1), Content(size, 2)
        with machine(own_file_system=True, environments=contestant.environments) as fresh:
            prepare(fresh, [before, after])
            for number in range(rounds):
                cut = False
                for stage in Stage:
                    if cut:
                        bring_about(fresh, after if stage is Stage.DEACTIVATE else before)
                    content = after if stage in {Stage.CHANGED, Stage.DEACTIVATE} else before
                    run = contestant.run(fresh, stage, content, limit=limit)
                    found.setdefault((size, stage), []).append(run)
                    cut = run.cut
                    _say(f"{contestant.name}, {size}, {stage.value} {number + 1}: {run.seconds:.2f} s")
    return found


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _table(results: Results, sizes: Sequence[Size]) -> str:
    others = [contestant for contestant in CONTESTANTS if contestant.at_least is not None]
    others = [contestant for contestant in others if contestant.name in results.runs]
    headings = ["", "system-manager", "target", "CPU", "memory"]
    for other in others:
        headings += [other.name, "ratio", "memory"]
    rows = [headings]
    for size in sizes:
        rows.append([str(size)])
        rows.extend(_row(results, size, stage, others) for stage in Stage)
    lines = [_line(row, rows) for row in rows]
    return "\n".join([*lines, *_growth(results, sizes), ""])


def _row(results: Results, size: Size, stage: Stage, others: Sequence[Contestant]) -> list[str]:
    ours = results.of("system-manager", size, stage)
    seconds = statistics.median(run.seconds for run in ours) if ours else None
    cells = [f"  {stage.value}"]
    if seconds is None:
        cells += ["-"] * 4
    else:
        target = TARGETS[stage][SIZES.index(size)]
        memory = max(run.memory for run in ours) / _MEGABYTE
        fastest, slowest = min(run.seconds for run in ours), max(run.seconds for run in ours)
        cells += [
            f"{seconds:.2f} s ({fastest:.2f}-{slowest:.2f})",
            "" if target is None else f"{target:.2f} s {_judged(results, seconds <= target)}",
            f"{statistics.median(run.processor for run in ours):.2f} s",
            f"{memory:.0f} MB {_judged(results, memory < _MEMORY_LIMIT)}",
        ]
    for other in others:
        cells += _beside(results, other, seconds, results.of(other.name, size, stage))
    return cells


def _beside(results: Results, other: Contestant, ours: float | None, runs: Sequence[Run]) -> list[str]:
    if not runs:
        return ["-"] * 3
    (run,) = runs
    more = "> " if run.cut else ""
    ratio = ""
    if ours is not None and other.at_least is not None:
        times = run.seconds / ours
        # What was cut off may be far above what is asked for, or not.
        enough = times >= other.at_least
        ratio = f"{more}{times:.0f}x {_judged(results, enough) if enough or not run.cut else '?'}"
    return [f"{more}{run.seconds:.1f} s", ratio, f"{run.memory / _MEGABYTE:.0f} MB"]


def _judged(results: Results, kept: bool) -> str:
    results.kept = results.kept and kept
    return "✓" if kept else "✗"


def _growth(results: Results, sizes: Sequence[Size]) -> list[str]:
    """What one more file costs that is as it was, between the two largest sizes."""
    if len(sizes) < 2:
        return []
    found = [results.of("system-manager", size, Stage.AGAIN) for size in sizes[-2:]]
    if not all(found):
        return []
    fewer, more = (statistics.median(run.processor for run in runs) for runs in found)
    growth = (more - fewer) / (sizes[-1].files - sizes[-2].files)
    return [f"processor time for each unchanged file: {growth * 1e6:.1f} microseconds"]


def _line(row: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(other[column]) for other in rows if column < len(other) > 1) for column in range(len(rows[0]))]
    first, *others = row
    cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=False)]
    return "  ".join([first.ljust(widths[0]), *cells]).rstrip()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FailedError as error:
        sys.exit(f"a contestant failed:\n{error}")
