"""The results as text."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.activation.contestants import CONTESTANTS, NUMTIDE, Contestant
from benchmarks.activation.results import Estimate, Results, estimate
from benchmarks.activation.workload import Size, Stage

# Seconds that the engine may take.
TARGETS: dict[int, dict[Stage, float]] = {
    100: {Stage.FIRST: 0.25, Stage.AGAIN: 0.15, Stage.CHANGED: 0.25},
    1_000: {Stage.FIRST: 0.7, Stage.AGAIN: 0.2, Stage.CHANGED: 0.35},
    10_000: {Stage.FIRST: 3.0, Stage.AGAIN: 0.6, Stage.CHANGED: 0.8, Stage.DEACTIVATE: 0.7},
}
_MEMORY_LIMIT = 100
_MEGABYTE = 1024 * 1024
_OURS = CONTESTANTS[0].name


def table(results: Results, sizes: Sequence[Size]) -> str:
    """Everything that was measured, a line for each stage."""
    others = [contestant for contestant in CONTESTANTS[1:] if contestant.name in results.runs]
    headings = ["", _OURS, "target", "CPU", "memory", "numtide's", "ratio"]
    for other in others:
        headings += [other.name, "ratio", "memory"]
    rows = [headings]
    for size in sizes:
        rows.append([str(size)])
        rows.extend(_row(results, size, stage, others) for stage in Stage)
    lines = [_line(row, rows) for row in rows]
    notes = ["~: not run, but estimated from smaller sizes (--complete runs it); >: ended at --limit", NUMTIDE.source]
    return "\n".join([*lines, *_growth(results, sizes), *notes, ""])


def _row(results: Results, size: Size, stage: Stage, others: Sequence[Contestant]) -> list[str]:
    ours = results.of(_OURS, size, stage)
    seconds = statistics.median(run.seconds for run in ours) if ours else None
    cells = [f"  {stage.value}"]
    if seconds is None:
        cells += ["-"] * 4
    else:
        target = TARGETS[size.files].get(stage)
        memory = max(run.memory for run in ours) / _MEGABYTE
        fastest, slowest = min(run.seconds for run in ours), max(run.seconds for run in ours)
        cells += [
            f"{seconds:.2f} s ({fastest:.2f}-{slowest:.2f})",
            "" if target is None else f"{target:.2f} s {results.judged(seconds <= target)}",
            f"{statistics.median(run.processor for run in ours):.2f} s",
            f"{memory:.0f} MB {results.judged(memory < _MEMORY_LIMIT)}",
        ]
    known = NUMTIDE.seconds[size.files][stage]
    cells += [f"{known:.2f} s", "" if seconds is None else f"{known / seconds:.1f}x"]
    for other in others:
        cells += _beside(results, other, seconds, size, stage)
    return cells


def _beside(results: Results, other: Contestant, ours: float | None, size: Size, stage: Stage) -> list[str]:
    runs = results.of(other.name, size, stage)
    found: Estimate | None = None
    if runs:
        (run,) = runs
        seconds, sign, memory = run.seconds, "> " if run.cut else "", f"{run.memory / _MEGABYTE:.0f} MB"
    else:
        found = estimate(results.runs[other.name], size, stage)
        if found is None:
            return ["-"] * 3
        seconds, sign, memory = found.seconds, "~ ", "-"
    ratio = ""
    if ours is not None and other.at_least is not None:
        times = seconds / ours
        # What was cut off may be far above what is asked for, or not.
        open_ended = bool(runs) and runs[0].cut and times < other.at_least
        ratio = f"{sign}{times:.0f}x {'?' if open_ended else results.judged(times >= other.at_least)}"
    return [f"{sign}{seconds:.1f} s", ratio, memory]


def _growth(results: Results, sizes: Sequence[Size]) -> list[str]:
    """What one more file costs that is as it was, between the two largest sizes."""
    if len(sizes) < 2:
        return []
    found = [results.of(_OURS, size, Stage.AGAIN) for size in sizes[-2:]]
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
