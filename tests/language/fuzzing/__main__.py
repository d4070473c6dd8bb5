"""Look for programs that this evaluator and real Nix do not make the same of, until time is up.

Each difference that is found is shrunk and shown as the program of a case for the corpus, with both endings. The exit
status is 1 if there was any.
"""

from __future__ import annotations

import argparse
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.language.fuzzing.comparison import Comparison, Difference, Program
from tests.language.fuzzing.programs import generate
from tests.language.fuzzing.texts import near_data, near_function, near_program
from tests.support import oracle
from tests.support.corpus import cases

_AT_ONCE = 400
_LONGEST = 3000
_CASES = Path(__file__).parents[1] / "cases"
KINDS = ("programs", "near-programs", "syntax", "data")


def batch(kind: str, seed: int, count: int = _AT_ONCE) -> list[Program]:
    """Programs of one kind, always the same for a seed."""
    corpus = [case.program.read_bytes().decode("utf-8", "surrogateescape") for case in cases(_CASES)]
    corpus = [text for text in corpus if len(text) < _LONGEST]
    found: list[Program] = []
    for number in range(count):
        source = random.Random(f"{kind} {seed} {number}")
        match kind:
            case "programs":
                found.append(generate(source, source.choice((3, 4, 5))))
            case "near-programs":
                found.append(near_program(source, corpus))
            case "syntax":
                found.append(near_function(source, corpus))
            case _:
                found.append(near_data(source))
    return found


def differences(comparison: Comparison, kind: str, programs: list[Program]) -> Iterator[Difference]:
    """The differences among programs of one kind: in how they end and, for syntax, in their trees."""
    found = comparison.differences(programs)
    yield from found
    if kind == "syntax":
        differing = {str(difference.program) for difference in found}
        yield from comparison.differing_trees([one for one in programs if str(one) not in differing])


def fuzz_programs(seconds: float, seed: int, version: str, kinds: list[str]) -> int:
    """Compare until time is up; the number of differences found."""
    end = time.monotonic() + seconds
    shown: set[str] = set()
    compared = 0
    with Comparison.start(oracle.nix(version)) as comparison:
        for number in itertools.count(seed):
            for kind in kinds:
                if time.monotonic() > end:
                    print(f"{compared} programs compared with Nix {version}, {len(shown)} differences")
                    return len(shown)
                compared += _AT_ONCE
                for difference in differences(comparison, kind, batch(kind, number)):
                    smallest = comparison.shrink(difference)
                    if str(smallest.program) not in shown:
                        shown.add(str(smallest.program))
                        print(f"--- cases/<feature>/<name>.nix ({kind}, seed {number})\n{smallest}\n", flush=True)
    return len(shown)


def fuzz_bytes(seconds: float) -> int:
    """Feed the parser what libFuzzer thinks of, in a process of its own, which it ends; the exit status."""
    with tempfile.TemporaryDirectory() as directory:
        for number, case in enumerate(cases(_CASES)):
            Path(directory, str(number)).write_bytes(case.program.read_bytes())
        command = [sys.executable, "-m", "tests.language.fuzzing.bytes", f"-max_total_time={int(seconds)}", directory]
        return subprocess.run(command, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.language.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long, a fifth of it for bytes (10)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="where to begin")
    parser.add_argument("--nix", choices=[*oracle.SUITES], default="2.34", help="what to compare with (2.34)")
    parser.add_argument("--kind", choices=[*KINDS, "bytes"], action="append", help="only these; may be repeated")
    options = parser.parse_args()
    kinds = options.kind or [*KINDS, "bytes"]
    seconds = options.minutes * 60
    failed = False
    if "bytes" in kinds:
        share = 0.2 if len(kinds) > 1 else 1
        failed = fuzz_bytes(seconds * share) != 0
        seconds -= seconds * share
    if others := [kind for kind in kinds if kind != "bytes"]:
        failed |= fuzz_programs(seconds, options.seed, options.nix, others) > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
