"""Run a command and print what it cost as JSON: ``meter.py LIMIT OUTPUT COMMAND…``.

Runs inside the machine, with what its Python has. Memory is the greater of two figures: the kernel's peak of the
largest process, and the greatest sum over all processes at one moment, where shared pages count once (proc(5), Pss).
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time

_INTERVAL = 0.05


def main(limit: float, output: str, command: list[str]) -> None:
    """Run, watch and report."""
    with open(output, "wb") as said:
        begin = time.monotonic()
        child = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)],
        )
        watched = os.pidfd_open(child)
        memory, cut = 0, False
        while True:
            if _wait(watched):
                break
            tree = _descendants(child)
            memory = max(memory, sum(map(_proportional, tree)))
            if time.monotonic() - begin > limit:
                cut = True
                for process in tree:
                    _kill(process)
        _, status, _usage = os.wait4(child, 0)
        seconds = time.monotonic() - begin
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "memory": max(memory, usage.ru_maxrss * 1024),
        "cut": cut,
    }
    print(json.dumps(result))


def _wait(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], _INTERVAL)[0])


def _descendants(process: int) -> list[int]:
    found = [process]
    for parent in found:
        try:
            for thread in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{thread}/children") as file:
                    found.extend(map(int, file.read().split()))
        except OSError:
            continue  # it has ended
    return found


def _proportional(process: int) -> int:
    try:
        with open(f"/proc/{process}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], sys.argv[3:])
