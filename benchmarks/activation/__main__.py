"""``python -m benchmarks.activation``: the engine beside ansible-core and pyinfra, on machines with a real systemd.

Each contestant gets a fresh container. The engine runs every stage several times and the median counts; the others,
which take minutes, run once. What would take them longer than ``--limit`` seconds, going by smaller sizes, is not run
but estimated (``~``), and what takes longer in spite of that is ended (``>``); a contestant then finds the machine for
its next stage as it would have made it. With ``--complete`` everything is run to its end, which takes hours.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence

from benchmarks.activation.contestants import (
    CONTESTANTS,
    Contestant,
    FailedError,
    bring_about,
    prepare,
)
from benchmarks.activation.results import PROBES, Results, Run, estimate
from benchmarks.activation.table import table
from benchmarks.activation.workload import Content, Size, Stage
from tests.support.machine import Machine, machine
from tests.support.roots import UnavailableError

SIZES = (Size(100, 10), Size(1_000, 100), Size(10_000, 200))
_ROUNDS = 5
_LIMIT = 120.0


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table; 1 if a target was missed."""
    options = _parse(arguments)
    limit = math.inf if options.complete else options.limit
    results = Results()
    sizes = [size for size in SIZES if size.files in options.files]
    try:
        for contestant in CONTESTANTS:
            if contestant.name not in options.contestants:
                continue
            results.runs[contestant.name] = {}
            ours = contestant.at_least is None
            for size in sizes if ours or options.complete else [*PROBES, *sizes]:
                _measure(results, contestant, size, rounds=options.rounds if ours else 1, limit=limit)
    except UnavailableError as error:
        sys.stdout.write(f"not measured: {error}\n")
        return 0
    sys.stdout.write(table(results, sizes))
    return 0 if results.kept else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.activation", description=__doc__)
    sizes = [size.files for size in SIZES]
    names = [contestant.name for contestant in CONTESTANTS]
    parser.add_argument("--files", type=int, nargs="+", choices=sizes, default=sizes, help="sizes to measure")
    parser.add_argument("--contestants", nargs="+", choices=names, default=names, help="programs to measure")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="runs of the engine (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds for one run (default: %(default)s)")
    parser.add_argument("--complete", action="store_true", help="run everything to its end: no limit, no estimates")
    return parser.parse_args(arguments)


def _measure(results: Results, contestant: Contestant, size: Size, *, rounds: int, limit: float) -> None:
    found = results.runs[contestant.name]
    stages = [stage for stage in Stage if _is_worth_a_try(results, contestant, size, stage, limit)]
    if not stages:
        return
    before, after = Content(size, 1), Content(size, 2)
    with machine(own_file_system=True, environments=contestant.environments) as fresh:
        prepare(fresh, [before, after])
        for number in range(rounds):
            as_expected = True
            for stage in Stage:
                if stage not in stages:
                    as_expected = False
                    continue
                if not as_expected:
                    _make_ready(fresh, stage, before, after)
                content = after if stage in {Stage.CHANGED, Stage.DEACTIVATE} else before
                run = contestant.run(fresh, stage, content, limit=limit)
                found.setdefault((size, stage), []).append(run)
                as_expected = not run.cut
                _say(contestant, size, stage, number, run)


def _is_worth_a_try(results: Results, contestant: Contestant, size: Size, stage: Stage, limit: float) -> bool:
    expected = None if contestant.at_least is None else estimate(results.runs[contestant.name], size, stage)
    return expected is None or expected.seconds <= limit


def _make_ready(fresh: Machine, stage: Stage, before: Content, after: Content) -> None:
    """What the stages that were left out would have left behind."""
    if stage is not Stage.FIRST:
        bring_about(fresh, after if stage is Stage.DEACTIVATE else before)


def _say(contestant: Contestant, size: Size, stage: Stage, number: int, run: Run) -> None:
    sys.stderr.write(f"{contestant.name}, {size}, {stage.value} {number + 1}: {run.seconds:.2f} s\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FailedError as error:
        sys.exit(f"a contestant failed:\n{error}")
