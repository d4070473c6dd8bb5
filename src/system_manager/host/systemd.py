"""The system manager of the running machine, over D-Bus (org.freedesktop.systemd1(5))."""

from __future__ import annotations

import contextlib
import enum
import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from system_manager.base.errors import SystemManagerError
from system_manager.base.process import CommandFailedError, run, running
from system_manager.base.records import record
from system_manager.host.bus import CALL_SECONDS, SYSTEM, Bus, BusError, Sockets, Stop
from system_manager.host.messages import Call
from system_manager.host.root import Root

RUNNING = frozenset({"active", "activating", "reloading", "refreshing"})
"""ActiveStates in which a unit is up, or on its way."""
RUNNING_MARK = "/run/systemd/system"  # sd_booted(3)
_NAME = "org.freedesktop.systemd1"
_MANAGER_PATH = "/org/freedesktop/systemd1"
_MANAGER = f"{_NAME}.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_RELOAD_SECONDS = 180.0
_VERIFY_SECONDS = 60.0
# A service's Result, see org.freedesktop.systemd1(5); the others are success and exec-condition.
_BAD_RESULTS = (
    "resources",
    "protocol",
    "timeout",
    "exit-code",
    "signal",
    "core-dump",
    "watchdog",
    "start-limit-hit",
    "oom-kill",
)


class SystemdError(SystemManagerError):
    """systemd cannot be reached, or refuses what it was asked."""


class Verb(enum.Enum):
    """What a job does; the value is the manager's method."""

    START = "StartUnit"
    STOP = "StopUnit"
    RESTART = "RestartUnit"
    RELOAD = "ReloadUnit"


@record(frozen=True)
class UnitStatus:
    """One unit as the manager has it loaded. ``job`` is what is about to be done with it: ``start``, ``stop`` …"""

    name: str
    load: str
    active: str
    sub: str
    path: str
    job: str = ""

    @property
    def has_job(self) -> bool:
        """Whether something is going to be done with it, so that what it is now will not last."""
        return self.job != ""

    @property
    def is_running(self) -> bool:
        """Whether it is up, or on its way."""
        return self.active in RUNNING


_FAILURES = frozenset({"failed", "timeout", "overdue", "dependency", "refused", "assert", "unsupported"})


@record(frozen=True)
class JobOutcome:
    """How a job ended. ``result`` is the manager's word (``done``, ``failed``, ``timeout``, ``dependency`` …),
    ``overdue`` when we cancelled it because it took too long, or ``refused`` when there never was a job;
    ``message`` says why then."""

    unit: str
    verb: Verb
    result: str
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the unit is not in the state that was asked for."""
        return self.result in _FAILURES


def is_running(root: Root) -> bool:
    """Whether systemd manages this machine; never so for another root than ``/``."""
    return root.is_live and os.path.isdir(RUNNING_MARK)


class Systemd:
    """A connection to the manager."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._ended: dict[str, str] = {}  # jobs, by object path, to how they ended
        self._lapsed: dict[str, str] = {}  # services, by object path, to why they ended badly since their last job
        self._begins_to_reload = False

    @classmethod
    def connect(cls, stop: Stop, sockets: Sockets = SYSTEM) -> Systemd:
        """Connect to the manager that listens there. Raises :class:`SystemdError`."""
        try:
            systemd = cls(Bus.connect(_NAME, stop, sockets))
            systemd.subscribe()
        except BusError as error:
            raise SystemdError("systemd does not answer", where=error.what, hint="run this as root") from None
        return systemd

    def subscribe(self) -> None:
        """Have the manager tell what happens; a job may be over before the reply that names it has been read."""
        self._bus.listen(_MANAGER, "JobRemoved", self._note_job)
        self._bus.listen(_PROPERTIES, "PropertiesChanged", self._note_properties, with_any=_BAD_RESULTS)
        self._bus.listen(_MANAGER, "Reloading", self._note_reloading)
        self._bus.open_with(_manager("Subscribe"))

    def _note_job(self, _path: str, body: tuple[Any, ...]) -> None:
        _number, job, unit, result = body
        self._ended[job] = result
        # How the process of before the job ended is no news: being stopped, it may well end with an error.
        self._lapsed.pop(_object_path(unit), None)

    def _note_properties(self, path: str, body: tuple[Any, ...]) -> None:
        interface, changed, _invalidated = body
        if interface == f"{_NAME}.Service" and "Result" in changed:
            result = changed["Result"]
            if result in _BAD_RESULTS:
                self._lapsed[path] = result

    def _note_reloading(self, _path: str, body: tuple[Any, ...]) -> None:
        (self._begins_to_reload,) = body

    def close(self) -> None:
        """End the connection."""
        self._bus.close()

    # Asking

    def units(self) -> dict[str, UnitStatus]:
        """Every unit that the manager has in memory, by name."""
        (rows,) = self._call(_manager("ListUnits"))
        # A unit that follows another one (device aliases) is reported under both names.
        return {row[0]: UnitStatus(row[0], row[2], row[3], row[4], row[6], row[8]) for row in rows if not row[5]}

    def read(self, units: Iterable[UnitStatus], kind: str, name: str) -> dict[str, Any]:
        """One property of several units, by unit name; units that do not have it are left out.

        :param kind: ``Unit`` for the common properties, else the unit's type: ``Service``, ``Socket`` …
        """
        chosen = list(units)
        replies = self._call_all(
            [Call(unit.path, _PROPERTIES, "Get", "ss", (f"{_NAME}.{kind}", name)) for unit in chosen]
        )
        return {unit.name: reply[0] for unit, reply in zip(chosen, replies, strict=True) if isinstance(reply, tuple)}

    def own_names(self, names: Iterable[str], loaded: Mapping[str, UnitStatus]) -> dict[str, str]:
        """Of these names, those that are aliases of loaded units, to the names that the units are listed under."""
        chosen = list(names)
        by_path = {status.path: name for name, status in loaded.items()}
        replies = self._call_all([_manager("GetUnit", "s", (name,)) for name in chosen])
        return {
            name: by_path[reply[0]]
            for name, reply in zip(chosen, replies, strict=True)
            if isinstance(reply, tuple) and reply[0] in by_path
        }

    def unit_of_process(self, process: int) -> str | None:
        """The unit that a process is part of; None for one that the manager does not have in any."""
        (reply,) = self._call_all([_manager("GetUnitByPID", "u", (process,))])
        return None if isinstance(reply, BusError) else str(self._property(reply[0], "Unit", "Id"))

    def main_process(self, service: str) -> int | None:
        """The number of a service's main process; 0 while it has none, None for a unit of another type."""
        if not service.endswith(".service"):
            return None
        return int(self._property(_object_path(service), "Service", "MainPID"))

    def _property(self, path: str, kind: str, name: str) -> Any:
        (value,) = self._call(Call(path, _PROPERTIES, "Get", "ss", (f"{_NAME}.{kind}", name)))
        return value

    def version(self) -> int:
        """The number before the distribution's additions."""
        (text,) = self._call(Call(_MANAGER_PATH, _PROPERTIES, "Get", "ss", (_MANAGER, "Version")))
        match = re.match("[0-9]+", text)
        return int(match[0]) if match is not None else 0

    # Acting

    def reload(self) -> None:
        """Read all unit files again (daemon-reload); returns when that is done."""
        with self.reloading():
            pass

    @contextlib.contextmanager
    def reloading(self) -> Iterator[None]:
        """As :meth:`reload`, with something else done while the manager does it. The files have to stay as they are."""
        serial = self._send_reload()
        try:
            yield
        finally:
            self._reply("Reload", serial, seconds=_RELOAD_SECONDS)

    def begin_to_reload(self) -> None:
        """As :meth:`reload`, but return when there is no way back: whoever asks the manager anything from then on is
        served when it has read all of it."""
        self._begins_to_reload = False
        serial = self._send_reload()

        def begun() -> bool:
            return self._begins_to_reload or self._bus.is_answered(serial)

        try:
            begins = self._bus.wait_until(begun, time.monotonic() + _RELOAD_SECONDS)
        except BusError as error:
            raise SystemdError(error.what) from None
        if not begins:
            raise SystemdError(f"systemd did not begin to reload within {_RELOAD_SECONDS:g} seconds")
        if self._bus.is_answered(serial):
            self._reply("Reload", serial)

    def _send_reload(self) -> int:
        try:
            return self._bus.send(_manager("Reload"))
        except BusError as error:
            raise SystemdError(error.what) from None

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

    def run_jobs(
        self, verb: Verb, names: Iterable[str], *, seconds: float, meanwhile: Callable[[], object] = lambda: None
    ) -> list[JobOutcome]:
        """Submit a job for each unit at once, wait for all of them, and say how each ended.

        They are sent in one piece, so that the manager has all of them before it begins, and orders them by their
        dependencies. On a message bus that is not certain; so sockets come first, which cannot be bound when their
        services run. A job that takes longer than ``seconds`` is cancelled and counts as ``timeout``.

        :param meanwhile: called when they are submitted; it should not take long.
        """
        chosen = sorted(dict.fromkeys(names), key=lambda name: not name.endswith(".socket"))
        calls = [_manager(verb.value, "ss", (name, "replace")) for name in chosen]
        replies = self._call_all(calls, meanwhile)
        deadline = time.monotonic() + seconds
        outcomes = []
        for name, reply in zip(chosen, replies, strict=True):
            if isinstance(reply, BusError):
                outcomes.append(JobOutcome(name, verb, "refused", reply.what))
            else:
                outcomes.append(JobOutcome(name, verb, self._job_result(reply[0], deadline)))
        return outcomes

    def _job_result(self, job: str, deadline: float) -> str:
        try:
            if self._bus.wait_until(lambda: job in self._ended, deadline):
                return self._ended[job]  # which stays: jobs of an alias and of its unit are one
        except BusError as error:
            raise SystemdError(error.what) from None
        self._call_all([Call(job, f"{_NAME}.Job", "Cancel")])
        return "overdue"

    def watch(self, names: Iterable[str], *, seconds: float) -> dict[str, str]:
        """Watch services for a while, or until one ends badly, and return those that did since their last job.

        The values are systemd's words: ``exit-code``, ``signal``, ``timeout`` … A service that ends well is not among
        them, and one is that was restarted since.
        """
        paths = {_object_path(name): name for name in names}
        try:
            self._bus.wait_until(lambda: not paths.keys().isdisjoint(self._lapsed), time.monotonic() + seconds)
        except BusError as error:
            raise SystemdError(error.what) from None
        return {paths[path]: result for path, result in self._lapsed.items() if path in paths}

    def kill(self, names: Iterable[str]) -> None:
        """End all processes of these units at once. Units that are not loaded are passed over."""
        self._call_all([_manager("KillUnit", "ssi", (name, "all", signal.SIGKILL)) for name in names])

    def _call(self, call: Call) -> tuple[Any, ...]:
        try:
            serial = self._bus.send(call)
        except BusError as error:
            raise SystemdError(f"systemd refuses {call.member}: {error.what}") from None
        return self._reply(call.member, serial)

    def _reply(self, member: str, serial: int, *, seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        try:
            reply = self._bus.reply(serial, seconds=seconds)
        except BusError as error:
            raise SystemdError(f"systemd refuses {member}: {error.what}") from None
        if isinstance(reply, BusError):
            raise SystemdError(f"systemd refuses {member}: {reply.what}")
        return reply

    def _call_all(
        self, calls: Sequence[Call], meanwhile: Callable[[], object] = lambda: None
    ) -> list[tuple[Any, ...] | BusError]:
        """Send all calls, then collect the answers; a refusal is an answer."""
        try:
            serials = self._bus.send_all(calls)
            meanwhile()
            return [self._bus.reply(serial) for serial in serials]
        except BusError as error:
            raise SystemdError(error.what) from None


def _object_path(unit: str) -> str:
    """The object of a unit; what is neither a letter nor a digit is ``_xx`` in it, as is a first digit."""
    escaped = re.sub("^[0-9]|[^A-Za-z0-9]", lambda match: f"_{ord(match[0]):02x}", unit)
    return f"{_MANAGER_PATH}/unit/{escaped}"


def _manager(member: str, signature: str = "", body: tuple[Any, ...] = ()) -> Call:
    return Call(_MANAGER_PATH, _MANAGER, member, signature, body)


def journal_tail(name: str, *, since: float, user: int | None = None, lines: int = 10) -> list[str]:
    """What a unit, and systemd about it, wrote to the journal; none when there is no journal.

    Not asked for by invocation: what a process prints that dies at once carries the unit's name only.

    :param since: seconds since the epoch.
    :param user: the number of the user whose unit it is; None for the system's.
    """
    options = ["--no-pager", "--quiet", "--output=cat", f"--lines={lines}", f"--since=@{since:.6f}"]
    if user is None:
        options.append(f"--unit={name}")
    else:
        options += [f"_UID={user}", f"_SYSTEMD_USER_UNIT={name}", "+", f"_UID={user}", f"USER_UNIT={name}"]
    # Where a full or busy disk keeps the journal from being flushed, it can be read nevertheless.
    with contextlib.suppress(CommandFailedError):
        run(["journalctl", "--sync"], timeout_seconds=10)
    try:
        return run(["journalctl", *options], timeout_seconds=30).output.splitlines()
    except CommandFailedError:
        return []


@record(frozen=True)
class Verdict:
    """What ``systemd-analyze verify`` says of unit files.

    :ivar refused: unit name to the reasons for which systemd would not start it.
    :ivar ignored: settings that systemd would pass over, as it words them.
    """

    refused: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]


@contextlib.contextmanager
def verifying(
    paths: Sequence[str], *, unit_path: Sequence[str], of_users: bool = False
) -> Iterator[Callable[[], Verdict]]:
    """Have systemd judge unit files while the body does something else. What the body gets waits for the verdict.

    It is empty where ``systemd-analyze`` is not installed. Missing programs and missing other units do not count: they
    may come with packages that are yet to be installed.

    :param unit_path: directories searched for other units and drop-ins, before the default ones.
    :param of_users: whether they are for the managers of users.
    """
    kind = ["--user"] if of_users else []
    # Without it, a manager of a user's refuses to be one, even for show.
    variables = {"XDG_RUNTIME_DIR": unit_path[0]} if of_users else {}
    environment = {"SYSTEMD_UNIT_PATH": ":".join([*unit_path, ""]), **variables}
    command = ["systemd-analyze", *kind, "verify", "--man=no", "--recursive-errors=no", *paths]
    with running(command, extra_environment=environment, timeout_seconds=_VERIFY_SECONDS) as wait:

        def verdict() -> Verdict:
            try:
                result = wait()
            except CommandFailedError:
                return Verdict({}, ())
            return parse_verdict(result.errors) if result.status >= 0 else Verdict({}, ())

        yield verdict


_REFUSED = r"Unit (\S+) (has a bad unit file setting|failed to load properly)"
_SUBJECT = r"(?:\S*/)?([^\s/:]+\.[a-z]+)(?::\d+)?: (.*)"


def parse_verdict(text: str) -> Verdict:
    """Sort the lines that ``systemd-analyze verify`` prints."""
    said: dict[str, list[str]] = {}
    ignored: list[str] = []
    refused: list[str] = []
    for line in text.splitlines():
        if match := re.match(_REFUSED, line):
            refused.append(match[1])
        elif match := re.match(_SUBJECT, line):
            if re.search("ignoring", match[2], re.IGNORECASE):
                ignored.append(f"{match[1]}: {match[2]}")
            else:
                said.setdefault(match[1], []).append(match[2])
    reasons = {name: tuple(said.get(name, ["systemd does not say why"])) for name in refused}
    return Verdict(reasons, tuple(ignored))
