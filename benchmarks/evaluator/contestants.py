"""The evaluators that are measured: ours without and with compiled code at hand, C++ Nix, and snix."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import oracle
from tests.support.machine import CHECKOUT

_COMMAND = str(Path(sys.executable).with_name("system-manager"))
_SNIX = "import sys, nixeval; print(nixeval.loads('builtins.seq (builtins.toJSON (import ' + sys.argv[1] + ')) true'))"


class FailedError(Exception):
    """The process gave no value. The text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process: its processor time (user and system) in seconds, its peak memory in bytes, and its output.

    :ivar output: None where the process was ended because it took too long.
    """

    seconds: float
    memory: int
    output: str | None


@dataclass(frozen=True, slots=True)
class Contestant:
    """An evaluator in a certain state.

    :ivar command: the command line that evaluates a file completely.
    :ivar home: the directory that the process takes for its user's.
    :ivar prepare: brings the state about, before every run.
    """

    name: str
    command: Callable[[Path], Sequence[str]]
    home: Path
    prepare: Callable[[], object] = lambda: None

    def run(self, workload: Path, limit: int) -> Run:
        """Evaluate once, for at most ``limit`` seconds of processor time. Raises :class:`FailedError`."""
        self.prepare()
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            command = ["prlimit", f"--cpu={limit}:{limit + 1}", "--", *self.command(workload)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
            if process.returncode == -signal.SIGXCPU:
                return Run(seconds, memory, None)
            output.seek(0)
            errors.seek(0)
            if process.returncode:
                raise FailedError(errors.read().strip()[-300:])
            return Run(seconds, memory, output.read())


def ours(directory: Path) -> list[Contestant]:
    """This evaluator.

    It is cold where everything is parsed and compiled, warm where compiled code is kept from the run before, and asked
    again where the answer is kept.
    """

    def again(workload: Path) -> Sequence[str]:
        return [_COMMAND, "eval", "--strict", "--file", str(workload)]

    def anew(workload: Path) -> Sequence[str]:
        return [*again(workload), "--no-eval-cache"]

    cold = directory / "cold"
    return [
        Contestant("cold", anew, cold, lambda: shutil.rmtree(cold, ignore_errors=True)),
        Contestant("warm", anew, directory / "warm"),
        Contestant("again", again, directory / "again"),
    ]


def real_nix(directory: Path) -> Contestant:
    """C++ Nix in its chroot, which sees this checkout. To be called in a mount namespace of its own.

    :raises UnavailableError: where there is no such chroot and none can be made.
    """
    root = oracle.nix().root
    subprocess.run(["mount", "--rbind", "/dev", str(root / "dev")], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root / "tmp")], check=True)
    inside = root / str(CHECKOUT).lstrip("/")
    inside.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--rbind", str(CHECKOUT), str(inside)], check=True)

    def command(workload: Path) -> Sequence[str]:
        return ["chroot", str(root), "nix-instantiate", "--eval", "--strict", str(workload)]

    return Contestant("Nix", command, directory)


def snix(directory: Path) -> Contestant | None:
    """The evaluator of snix, as the Python package ``nixeval``; None where it cannot be installed."""
    python = directory / "snix/bin/python"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(directory / "snix")], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "nixeval"]
        subprocess.run(install, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Contestant("snix", lambda workload: [str(python), "-c", _SNIX, str(workload)], directory)
