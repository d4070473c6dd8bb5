"""``python -m benchmarks.evaluator``: processor time beside C++ Nix and snix, and peak memory.

Every figure is the median of several whole processes, start-up included. The contestants take turns, so that a machine
that gets slower does so for all of them. Who takes longer than ``--limit`` seconds is ended, and not asked again; the
table then says ``>``, and the geometric mean counts the limit.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.evaluator.contestants import Contestant, FailedError, Run, ours, real_nix, snix
from tests.support.roots import UnavailableError

WORKLOADS = Path(__file__).parent / "workloads"
_IN_NAMESPACE = "BENCHMARK_HAS_MOUNT_NAMESPACE"
_MEGABYTE = 1024 * 1024

_HEADINGS = ("", "Nix", "warm", "", "cold", "", "again", "", "snix", "", "Nix", "warm", "", "")
_UNITS = ("", "s", "s", "x Nix", "s", "x Nix", "s", "x Nix", "s", "x Nix", "MB", "MB", "x Nix", "")


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if an evaluator gave another value than Nix."""
    known = sorted(path.stem for path in WORKLOADS.glob("*.nix"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluator", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"what to measure: {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contestant (default: %(default)s)")
    parser.add_argument("--limit", type=int, default=30, help="seconds for one run (default: %(default)s)")
    given = parser.parse_args(arguments)
    if unknown := set(given.workloads).difference(known):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if given.rounds < 1 or given.limit < 1:
        parser.error("--rounds and --limit are at least 1")
    workloads = [WORKLOADS / f"{name}.nix" for name in given.workloads or known]
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        contestants = ours(Path(directory))
        try:
            contestants.append(real_nix(Path(directory)))
        except UnavailableError as error:
            sys.stdout.write(f"Nix is not measured: {error}\n")
        peer = snix(Path(directory))
        if peer is None:
            sys.stdout.write("snix is not measured: the package nixeval cannot be installed\n")
        else:
            contestants.append(peer)
        return _measure(workloads, contestants, given.rounds, given.limit)


def _measure(workloads: Sequence[Path], contestants: Sequence[Contestant], rounds: int, limit: int) -> int:
    ratios: dict[str, list[float]] = {"warm": [], "cold": [], "again": [], "snix": []}
    all_equal = True
    for heading in (_HEADINGS, _UNITS):
        _print_row(heading)
    for workload in workloads:
        runs = _take_turns(workload, contestants, rounds, limit)
        reference = _median_seconds(runs.get("Nix"))
        cells = [workload.stem, _shown(reference)]
        for name, known in ratios.items():
            seconds = _median_seconds(runs.get(name))
            more = ">" if _was_ended(runs.get(name)) else ""
            cells.append(more + _shown(seconds))
            if reference is None or seconds is None:
                cells.append("-")
            else:
                known.append(seconds / reference)
                cells.append(f"{more}{known[-1]:.2f}")
        cells += _peaks(runs.get("Nix"), runs.get("warm"))
        outputs = {run.output for name, some in runs.items() if name != "snix" for run in some}
        all_equal &= len(outputs) == 1
        _print_row((*cells, "" if len(outputs) == 1 else "the values differ"))
    means = {name: f"{statistics.geometric_mean(known):.2f}" if known else "-" for name, known in ratios.items()}
    columns = [cell for name in ratios for cell in ("", means[name])]
    _print_row(("geometric mean", "", *columns, "", "", "", ""))
    return 0 if all_equal else 1


def _take_turns(workload: Path, contestants: Sequence[Contestant], rounds: int, limit: int) -> dict[str, list[Run]]:
    """The runs of each contestant that has a value for the workload."""
    runs: dict[str, list[Run]] = {}
    finished: set[str] = set()
    # The first round fills caches: files in memory, and the compiled code of the warm contestant.
    for turn in range(rounds + 1):
        for contestant in contestants:
            if contestant.name in finished:
                continue
            try:
                run = contestant.run(workload, limit)
            except FailedError as error:
                finished.add(contestant.name)
                sys.stdout.write(f"{contestant.name} fails on {workload.stem}: {error}\n")
                continue
            if run.output is None:
                finished.add(contestant.name)
            if turn or contestant.name in finished:
                runs.setdefault(contestant.name, []).append(run)
    return runs


def _was_ended(runs: Sequence[Run] | None) -> bool:
    return bool(runs) and any(run.output is None for run in runs)


def _median_seconds(runs: Sequence[Run] | None) -> float | None:
    return statistics.median(run.seconds for run in runs) if runs else None


def _shown(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.3f}"


def _peaks(reference: Sequence[Run] | None, runs: Sequence[Run] | None) -> list[str]:
    """Peak memory of both in megabytes, and the second as a multiple of the first."""
    theirs, ours = (max(run.memory for run in some) if some else None for some in (reference, runs))
    shown = ["-" if peak is None else str(math.ceil(peak / _MEGABYTE)) for peak in (theirs, ours)]
    return [*shown, "-" if theirs is None or ours is None else f"{ours / theirs:.2f}"]


def _print_row(cells: Sequence[str]) -> None:
    first, *others, last = cells
    sys.stdout.write(f"{first:22}{''.join(f'{cell:>9}' for cell in others)}  {last}".rstrip() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if _IN_NAMESPACE not in os.environ and os.geteuid() == 0:
        again = ["unshare", "--mount", sys.executable, "-m", "benchmarks.evaluator", *sys.argv[1:]]
        os.execvpe("unshare", again, {**os.environ, _IN_NAMESPACE: "1"})
    sys.exit(main(sys.argv[1:]))
