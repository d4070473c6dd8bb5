"""Starting the privileged half and listening to it.

The engine is another process with another, smaller, set of imports. It writes events as JSON lines and ends with a
result; its exit code is the truth about the machine and becomes ours.
"""

from __future__ import annotations

import signal
import sys

from system_manager.base import process
from system_manager.base.errors import ExitCode, SystemManagerError
from system_manager.base.events import Observer
from system_manager.base.records import record
from system_manager.base.type_hints import Any
from system_manager.cli.settings import Settings


class EngineError(SystemManagerError):
    """The engine said that it could not do what it was asked; its exit code is kept."""

    def __init__(self, what: str, *, where: str | None, hint: str | None, exit_code: ExitCode, kind: str) -> None:
        super().__init__(what, where=where, hint=hint)
        self.exit_code = exit_code
        self.kind = kind


@record(frozen=True)
class Outcome:
    """How the engine ended: its exit code and the object of its last line."""

    exit_code: ExitCode
    result: dict[str, Any]


def run(arguments: list[str], settings: Settings, observer: Observer) -> Outcome:
    """Run one verb of the engine.

    :param arguments: the verb and its own options; where machine and store are is added here.
    :raises EngineError: when the engine's result is an error, or when it ended without any.
    """
    from system_manager.generation.event_stream import EventStreamError, read_line

    results: list[dict[str, Any]] = []
    strange: list[str] = []
    heard = False

    def listen(line: str) -> None:
        nonlocal heard
        heard = True
        try:
            result = read_line(line, observer)
        except EventStreamError:
            strange.append(line.rstrip())
        else:
            if result is not None:
                results.append(result)

    # -P: a file of the working directory must not become a module of a process that runs as root.
    command = [sys.executable, "-P", "-m", "system_manager.activation", *arguments]
    places = ["--root", settings.root, "--store-root", settings.store_root]
    ended = process.supervise([*command, *places], listen)
    if not heard and -ended.status in (signal.SIGINT, signal.SIGTERM):
        raise EngineError(
            "stopped before anything was begun; nothing was changed",
            where=None,
            hint=None,
            exit_code=ExitCode.ERROR,
            kind="InterruptedRunError",
        )
    if not results:
        raise _ended_early(ended.status, "\n".join((*strange, ended.errors)))
    result = results[-1]
    exit_code = ExitCode(ended.status) if ended.status in list(ExitCode) else ExitCode.NOT_ROLLED_BACK
    return Outcome(exit_code, result)


def _ended_early(status: int, said: str) -> EngineError:
    from system_manager.cli.failure import write_report

    try:
        details = f"; the details are in {write_report(said)}"
    except OSError as problem:
        details = f"; the details could not be written: {problem}"
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return EngineError(
        f"the engine {how} before it could say what it did{details}",
        where=None,
        hint="'system-manager status' shows how the machine is now; the next run takes back what was begun",
        exit_code=ExitCode.NOT_ROLLED_BACK,
        kind="EngineEnded",
    )
