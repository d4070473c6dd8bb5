"""A small process whose children run the engine and are killed: to fork all of pytest for each would take longer."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.activation import faults
from tests.activation.scenario import run


class Victims:
    """Starts the process, and has it fork."""

    def __enter__(self) -> Victims:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, _kind: object, _error: object, _traceback: TracebackType | None) -> None:
        self._process.communicate()

    def kill(self, root: Path, arguments: Sequence[str], *, at: int) -> int:
        """Run the engine until right before the changing call with this index.

        :returns: the exit status: ``faults.KILLED``, or 0 when there were not that many calls.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(root), list(arguments), at]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _run(root: Path, arguments: Sequence[str], index: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with faults.intercepted(faults.killed_at(index)):
                run(root, *arguments)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    gc.freeze()  # so that a collection in a child does not copy every page
    for line in sys.stdin:
        root, arguments, index = json.loads(line)
        print(_run(Path(root), arguments, index), flush=True)  # noqa: T201 -- the answer
