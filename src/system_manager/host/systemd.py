"""The system manager of the running machine, over D-Bus (org.freedesktop.systemd1(5))."""

from __future__ import annotations

import contextlib
import enum
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from system_manager.base.errors import SystemManagerError
from system_manager.base.process import CommandFailedError, run
from system_manager.host.bus import CALL_SECONDS, Bus, BusError, Call, Stop
from system_manager.host.root import Root

RUNNING_MARK = "/run/systemd/system"  # sd_booted(3)
_NAME = "org.freedesktop.systemd1"
_MANAGER_PATH = "/org/freedesktop/systemd1"
_MANAGER = f"{_NAME}.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_RELOAD_SECONDS = 180.0


class SystemdError(SystemManagerError):
    """systemd cannot be reached, or refuses what it was asked."""


class Verb(enum.Enum):
    """What a job does; the value is the manager's method."""

    START = "StartUnit"
    STOP = "StopUnit"
    RESTART = "RestartUnit"
    RELOAD = "ReloadUnit"


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit as the manager has it loaded."""

    name: str
    load: str
    active: str
    sub: str
    path: str

    @property
    def is_running(self) -> bool:
        """Whether it is up, or on its way."""
        return self.active in {"active", "activating", "reloading", "refreshing"}


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended. ``result`` is the manager's word (``done``, ``failed``, ``timeout``, ``dependency`` …),
    or ``refused`` when there never was a job; ``message`` says why then."""

    unit: str
    verb: Verb
    result: str
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the unit is not in the state that was asked for."""
        return self.result in {"failed", "timeout", "dependency", "refused", "assert", "unsupported"}


def is_running(root: Root) -> bool:
    """Whether systemd manages this machine; never so for another root than ``/``."""
    return root.is_live and os.path.isdir(RUNNING_MARK)


class Systemd:
    """A connection to the manager."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    @classmethod
    def connect(cls, stop: Stop) -> Systemd:
        """Connect to the manager of this machine. Raises :class:`SystemdError`."""
        try:
            bus = Bus.connect(_NAME, stop)
            bus.watch_signals(_MANAGER_PATH, _MANAGER, "JobRemoved")
            # Before any job is submitted: a job may be over before the reply that names it has been read.
            bus.call(_manager("Subscribe"))
        except BusError as error:
            raise SystemdError("systemd does not answer", where=error.what, hint="run this as root") from None
        return cls(bus)

    def close(self) -> None:
        """End the connection."""
        self._bus.close()

    # Asking

    def units(self) -> dict[str, UnitStatus]:
        """Every unit that the manager has in memory, by name."""
        (rows,) = self._call(_manager("ListUnits"))
        # A unit that follows another one (device aliases) is reported under both names.
        return {row[0]: UnitStatus(row[0], row[2], row[3], row[4], row[6]) for row in rows if not row[5]}

    def read(self, units: Iterable[UnitStatus], kind: str, name: str) -> dict[str, Any]:
        """One property of several units, by unit name; units that do not have it are left out.

        :param kind: ``Unit`` for the common properties, else the unit's type: ``Service``, ``Socket`` …
        """
        chosen = list(units)
        replies = self._call_all(
            [Call(unit.path, _PROPERTIES, "Get", "ss", (f"{_NAME}.{kind}", name)) for unit in chosen]
        )
        return {unit.name: reply[0][1] for unit, reply in zip(chosen, replies, strict=True) if isinstance(reply, tuple)}

    # Acting

    def reload(self) -> None:
        """Read all unit files again (daemon-reload); returns when that is done."""
        self._call(_manager("Reload"), seconds=_RELOAD_SECONDS)

    def start_waiting_targets_again(self) -> None:
        """Submit the start jobs of all targets once more, so that they pull in what their units want *now*.

        Does not wait: for use from a unit that the targets themselves wait for.
        """
        (jobs,) = self._call(_manager("ListJobs"))
        waiting = [name for _id, name, kind, *_paths in jobs if kind == "start" and name.endswith(".target")]
        self._call_all([_manager("StartUnit", "ss", (name, "replace")) for name in waiting])

    def reset_failed(self, names: Iterable[str]) -> None:
        """Forget that these units failed. Units that are not loaded are passed over."""
        self._call_all([_manager("ResetFailedUnit", "s", (name,)) for name in names])

    def run_jobs(self, verb: Verb, names: Iterable[str], *, seconds: float) -> list[JobOutcome]:
        """Submit a job for each unit at once, wait for all of them, and say how each ended.

        They are sent together, so that the manager orders them by their dependencies. A job that takes longer
        than ``seconds`` is cancelled and counts as ``timeout``.
        """
        chosen = list(names)
        replies = self._call_all([_manager(verb.value, "ss", (name, "replace")) for name in chosen])
        deadline = time.monotonic() + seconds
        outcomes = []
        for name, reply in zip(chosen, replies, strict=True):
            if isinstance(reply, BusError):
                outcomes.append(JobOutcome(name, verb, "refused", reply.what))
            else:
                outcomes.append(JobOutcome(name, verb, self._job_result(reply[0], deadline)))
        return outcomes

    def _job_result(self, job: str, deadline: float) -> str:
        """Signals carry the job's number, path, unit and result."""
        try:
            result: str = self._bus.wait_for_signal(lambda body: body[1] == job, deadline)[3]
        except TimeoutError:
            self._call_all([Call(job, f"{_NAME}.Job", "Cancel")])
            return "timeout"
        except BusError as error:
            raise SystemdError(error.what) from None
        return result

    def wait(self, seconds: float) -> None:
        """Let time pass, reading what the manager says."""
        with contextlib.suppress(TimeoutError):
            self._bus.wait_for_signal(lambda _body: False, time.monotonic() + seconds)

    def _call(self, call: Call, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        try:
            return self._bus.call(call, seconds=seconds)
        except BusError as error:
            raise SystemdError(f"systemd refuses {call.member}: {error.what}") from None

    def _call_all(self, calls: Sequence[Call]) -> list[tuple[Any, ...] | BusError]:
        """Send all calls, then collect the answers; a refusal is an answer."""
        try:
            serials = [self._bus.send(call) for call in calls]
            return [self._bus.reply(serial) for serial in serials]
        except BusError as error:
            raise SystemdError(error.what) from None


def _manager(member: str, signature: str = "", body: tuple[Any, ...] = ()) -> Call:
    return Call(_MANAGER_PATH, _MANAGER, member, signature, body)


def journal_tail(name: str, *, since: float, lines: int = 10) -> list[str]:
    """What a unit, and systemd about it, wrote to the journal; none when there is no journal.

    Not asked for by invocation: what a process prints that dies at once carries the unit's name only.

    :param since: seconds since the epoch.
    """
    options = ["--no-pager", "--quiet", "--output=cat", f"--lines={lines}", f"--since=@{since:.6f}", f"--unit={name}"]
    try:
        run(["journalctl", "--sync"], timeout_seconds=10, success=frozenset({0, 1}))
        return run(["journalctl", *options], timeout_seconds=10).output.splitlines()
    except CommandFailedError:
        return []


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``systemd-analyze verify`` says of unit files.

    :ivar refused: unit name to the reasons for which systemd would not start it.
    :ivar ignored: settings that systemd would pass over, as it words them.
    """

    refused: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]


def verify(paths: Sequence[str], *, unit_path: Sequence[str]) -> Verdict:
    """Have systemd judge unit files; an empty verdict where ``systemd-analyze`` is not installed.

    Missing programs and missing other units do not count: they may come with packages that are yet to be installed.

    :param unit_path: directories searched for other units and drop-ins, before the default ones.
    """
    if not paths:
        return Verdict({}, ())
    try:
        result = run(
            ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths],
            extra_environment={"SYSTEMD_UNIT_PATH": ":".join([*unit_path, ""])},
            success=frozenset(range(256)),
            timeout_seconds=60,
        )
    except CommandFailedError:
        return Verdict({}, ())
    return parse_verdict(result.errors)


_REFUSED = re.compile(r"Unit (\S+) (has a bad unit file setting|failed to load properly)")
_SUBJECT = re.compile(r"(?:\S*/)?([^\s/:]+\.[a-z]+)(?::\d+)?: (.*)")


def parse_verdict(text: str) -> Verdict:
    """Sort the lines that ``systemd-analyze verify`` prints."""
    said: dict[str, list[str]] = {}
    ignored: list[str] = []
    refused: list[str] = []
    for line in text.splitlines():
        if match := _REFUSED.match(line):
            refused.append(match[1])
        elif match := _SUBJECT.match(line):
            if re.search("ignoring", match[2], re.IGNORECASE):
                ignored.append(f"{match[1]}: {match[2]}")
            else:
                said.setdefault(match[1], []).append(match[2])
    reasons = {name: tuple(said.get(name, ["systemd does not say why"])) for name in refused}
    return Verdict(reasons, tuple(ignored))
