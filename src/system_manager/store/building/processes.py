"""Waiting for builder processes, and ending them early."""

from __future__ import annotations

import os
import select
import subprocess
import time

from system_manager.base.process import signal_name
from system_manager.store.building.log import BuildLog
from system_manager.store.errors import BuildFailedError


class Cancellation:
    """Ends running builds from another thread."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    @property
    def descriptor(self) -> int:
        """Becomes readable, and stays so, when builds are to end."""
        return self._read

    def cancel(self) -> None:
        """End all builds that were given this."""
        os.write(self._write, b"1")

    def close(self) -> None:
        """Free the descriptors; no build may use it any more."""
        os.close(self._read)
        os.close(self._write)


class BuildCancelledError(BuildFailedError):
    """The build was ended because another one failed or the user wants no more."""


def follow_output(
    process: subprocess.Popen[bytes], log: BuildLog, timeout_seconds: float | None, cancellation: Cancellation
) -> None:
    """Read what a builder prints until it ends. Raises :class:`BuildFailedError` if it must not go on."""
    assert process.stdout is not None
    output = process.stdout.fileno()
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    poll = select.poll()
    for descriptor in (output, cancellation.descriptor):
        poll.register(descriptor, select.POLLIN)
    while True:
        remaining = None if deadline is None else 1000 * max(0.0, deadline - time.monotonic())
        ready = {descriptor for descriptor, _ in poll.poll(remaining)}
        if cancellation.descriptor in ready:
            raise BuildCancelledError("the build was cancelled")
        if not ready:
            raise BuildFailedError(f"the build took longer than {timeout_seconds:g} seconds")
        data = os.read(output, 1 << 16)
        if not data:
            break
        log.write(data)
    log.finish()
    process.wait()


def builder_failed(status: int, log: BuildLog, where: str) -> BuildFailedError:
    """The error for a builder that ended with this status, a negative one for a signal."""
    how = f"failed with exit code {status}" if status > 0 else f"was killed by {signal_name(-status)}"
    quoted = "".join(f"\n> {line}" for line in log.last_lines)
    return BuildFailedError(f"the builder {how}" + (f"; its last lines:{quoted}" if quoted else ""), where=where)
