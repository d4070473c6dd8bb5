"""No change of the machine passes by what counts them: Python tells of every file that is opened for writing, of every
other change by its audit events, and of every function of the C library that is looked up."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from tests.activation import faults
from tests.activation.scenario import Run, all_scenarios
from tests.conftest import unavailable

# Some of them, from all families.
CHOSEN = [scenario for scenario in all_scenarios() if zlib.crc32(scenario.name.encode()) % 8 == 1]
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = frozenset(
    f"os.{name}"
    for name in ("chflags", "chmod", "chown", "link", "lockf", "mkdir", "remove", "removexattr", "rename", "rmdir",
                 "setxattr", "symlink", "truncate", "utime")
)  # fmt: skip
# Those that change something are counted; the others read.
_OF_C = {"renameat2", "syncfs", "statx", "crypt"}


def test_every_change_is_counted(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    # In a process of its own: what listens to audit events does so until the end.
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class _Listener:
    """Compares what Python tells with what is counted."""

    def __init__(self) -> None:
        self.root = ""
        self.announced = 0

    def count(self, _index: int, _name: str) -> None:
        self.announced += 1

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.root:
            return
        if event == "ctypes.dlsym":
            if arguments[1] not in _OF_C:
                self._tell(event, arguments)
        elif event in _CHANGES or (event == "open" and self._writes(*arguments)):
            if not self._is_inside(arguments):
                return
            if self.announced == 0:
                self._tell(event, arguments)
            self.announced = 0

    def _writes(self, path: Any, mode: str | None, flags: int) -> bool:
        if mode is not None and not set(mode).isdisjoint("wax+"):
            return True
        return bool(flags & _WRITES) and not isinstance(path, int)

    def _is_inside(self, arguments: tuple[Any, ...]) -> bool:
        return any(
            isinstance(each, int) or os.fsdecode(each).startswith(self.root)
            for each in arguments[:2]
            if isinstance(each, int | str | bytes | os.PathLike)
        )

    def _tell(self, event: str, arguments: tuple[Any, ...]) -> None:
        root, self.root = self.root, ""
        sys.stdout.write(f"{event} {arguments} is not counted\n")
        self.root = root


def _main() -> None:
    listener = _Listener()
    sys.addaudithook(listener)
    for scenario in CHOSEN:
        with tempfile.TemporaryDirectory() as directory:
            going = Run(scenario, Path(directory))
            for step in going.steps:
                if step["do"] in {"edit", "expire"}:
                    going.do(step)
                    continue
                with faults.intercepted(listener.count):
                    listener.root = directory
                    going.do(step)
                    listener.root = ""


if __name__ == "__main__":
    _main()
