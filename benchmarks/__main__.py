"""``python -m benchmarks``: measure, and print a table. Peers are measured in the same run where they are at hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.stopwatch import Timing, measure, process, table
from tests.support import oracle
from tests.support.machine import CHECKOUT, Machine, machine
from tests.support.roots import UnavailableError

COMMAND = str(Path(sys.executable).with_name("system-manager"))
EXAMPLE = CHECKOUT / "examples/web-server"

EXPRESSIONS: Mapping[str, str] = {
    "eval 1": "1",
    "eval a fold over 100 000 numbers": "builtins.foldl' (a: b: a + b) 0 (builtins.genList (n: n) 100000)",
    "eval fib 20": "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 20",
}


def main() -> int:
    """Print a table for each subject; 1 if a limit was missed."""
    timings: list[Timing] = []
    for title, subject in (("Evaluation, whole process", _evaluation), ("Switching, whole process", _switching)):
        sys.stdout.write(f"\n{title}\n")
        try:
            measured = list(subject())
        except UnavailableError as error:
            sys.stdout.write(f"not measured: {error}\n")
            continue
        timings.extend(measured)
        sys.stdout.write(f"{table(measured)}\n")
    return 0 if all(timing.within_limit for timing in timings) else 1


def _evaluation() -> Iterator[Timing]:
    with TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": "/usr/bin:/bin"}
        for name, expression in EXPRESSIONS.items():
            limit = 0.12 if expression == "1" else None
            command = [COMMAND, "eval", "--expr", expression]
            yield measure(f"system-manager {name}", process(command, environment), limit=limit)
    nix = oracle.nix()
    # Entering the chroot costs some milliseconds of its own, which are measured to be known.
    yield measure("true, in the chroot of Nix", lambda: nix.run(["true"], check=True))
    for name, expression in EXPRESSIONS.items():
        peer = ["nix-instantiate", "--eval", "--expr", expression]
        yield measure(f"Nix 2.26 {name}", lambda peer=peer: nix.run(peer, check=True))


def _switching() -> Iterator[Timing]:
    switch = ["system-manager", "switch", "--file", "/root/web-server"]
    first: list[float] = []
    for _ in range(3):
        with machine() as fresh:
            _prepare(fresh)
            first.extend(measure("", lambda: fresh.run(switch), times=1, warm_up=0).samples)
    yield Timing("first switch to the web server, packages installed before", tuple(first), limit=4.0)
    with machine() as fresh:
        _prepare(fresh)
        fresh.run(switch)
        yield measure("switch with nothing to change, warm", lambda: fresh.run(switch), limit=0.5)
        yield measure("plan with nothing to change, warm", lambda: fresh.run(["system-manager", "plan", *switch[2:]]))
        yield measure("status", lambda: fresh.run(["system-manager", "status"]))
        yield _alternating(fresh, switch)


def _prepare(fresh: Machine) -> None:
    fresh.copy_in(EXAMPLE, "/root/web-server")
    fresh.run("apt-get install -q -y --no-install-recommends nginx tree && systemctl disable --now nginx")


def _alternating(fresh: Machine, switch: list[str]) -> Timing:
    """One line changes each time, so evaluation, build and a restart of nginx are in it."""
    numbers = iter(range(1000))

    def change() -> None:
        fresh.run(f"sed -i 's/Hello[0-9]*/Hello{next(numbers)}/' /root/web-server/system.nix")
        fresh.run(switch)

    return measure("switch after one line has changed", change, times=5)


if __name__ == "__main__":
    sys.exit(main())
