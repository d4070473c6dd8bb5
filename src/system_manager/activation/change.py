"""What a change is, and what it works on.

A change is a frozen record: it can be shown, written to the journal, applied, and taken back by another
process after this one was killed. Taking back is therefore always judged by what is on the machine, never by
memory, and doing it twice is the same as doing it once.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Protocol

import msgspec

from system_manager.activation.interruption import Interruption
from system_manager.activation.state import AtBoot, Owned, OwnedGroup, OwnedPackage, OwnedUser, State, Unconfirmed
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Observer
from system_manager.base.records import record
from system_manager.generation.manifest import Unit
from system_manager.host import files
from system_manager.host.accounts import Accounts
from system_manager.host.bus import Stop
from system_manager.host.labels import Labels
from system_manager.host.packages import PackageManager
from system_manager.host.root import Root
from system_manager.host.systemd import Systemd


class Action(enum.Enum):
    """What happens to a thing; the values are what ``--json`` shows."""

    CREATE = "create"
    REPLACE = "replace"
    REMOVE = "remove"
    RESTORE = "restore"
    STOP = "stop"
    START = "start"
    RESTART = "restart"
    RELOAD = "reload"
    INSTALL = "install"
    RUN = "run"
    SWITCH = "switch"
    KEEP = "keep"
    LOCK = "lock"
    UNLOCK = "unlock"


class Subject(enum.Enum):
    """What kind of thing it is."""

    FILE = "file"
    DIRECTORY = "directory"
    UNIT = "unit"
    USER_UNIT = "user-unit"
    PACKAGE = "package"
    COMMAND = "command"
    USER = "user"
    GROUP = "group"
    GENERATION = "generation"


class Step(msgspec.Struct, frozen=True):
    """One line of a plan.

    :ivar detail: what it becomes, e.g. ``-> /nix/store/…`` or ``copy, mode 0600, root:root``.
    :ivar reason: why, where it is not plain from the action.
    :ivar old_source: logical path to read the text before from, for a diff; None when there is none.
    :ivar new_source: the same for the text after.
    :ivar secret: whether the text is nobody's business, so that no diff is shown.
    """

    action: Action
    subject: Subject
    target: str
    detail: str = ""
    reason: str = ""
    old_source: str | None = None
    new_source: str | None = None
    secret: bool = False

    def __str__(self) -> str:
        text = f"{self.action.value} {self.target}"
        if self.detail:
            text += f" ({self.detail})"
        return f"{text}: {self.reason}" if self.reason else text


@record(frozen=True)
class Drift:
    """One thing that is not as it was left. ``what`` is a clause, e.g. "is missing"."""

    subject: Subject
    target: str
    what: str

    def __str__(self) -> str:
        return f"{self.target} {self.what}"


class ChangedMeanwhileError(SystemManagerError):
    """Somebody else changed a thing between planning and applying."""


@record()
class Record:
    """The state as it becomes while changes are applied; written when the transaction is committed."""

    files: dict[str, Owned]
    directories: list[str]
    units: dict[str, Unit]
    user_units: dict[str, Unit]
    displaced: set[str]
    packages: dict[str, OwnedPackage]
    kept: set[str]
    pending: set[str]
    toplevel: str | None
    tmpfiles: tuple[str, ...]
    users: dict[str, OwnedUser]
    groups: dict[str, OwnedGroup]
    at_boot: AtBoot | None
    unconfirmed: Unconfirmed | None
    left: int | None

    @classmethod
    def of(cls, state: State) -> Record:
        """A copy to work on."""
        return cls(
            dict(state.files),
            list(state.directories),
            dict(state.units),
            dict(state.user_units),
            set(state.displaced),
            dict(state.packages),
            set(state.kept),
            set(state.pending),
            state.toplevel,
            state.tmpfiles,
            dict(state.users),
            dict(state.groups),
            state.at_boot,
            state.unconfirmed,
            state.left,
        )

    def freeze(self, transaction: str) -> State:
        """The state to write."""
        return State(
            transaction=transaction,
            toplevel=self.toplevel,
            files=dict(sorted(self.files.items())),
            directories=tuple(sorted(set(self.directories))),
            units=dict(sorted(self.units.items())),
            user_units=dict(sorted(self.user_units.items())),
            tmpfiles=self.tmpfiles,
            displaced=tuple(sorted(self.displaced)),
            packages=dict(sorted(self.packages.items())),
            kept=tuple(sorted(self.kept)),
            pending=tuple(sorted(self.pending)),
            users=dict(sorted(self.users.items())),
            groups=dict(sorted(self.groups.items())),
            at_boot=self.at_boot,
            unconfirmed=self.unconfirmed,
            left=self.left,
        )


@record(frozen=True)
class TimeLimits:
    """What was asked for in place of what the manifest says, in seconds; None where nothing was.

    :ivar unit: how long the units of one phase may take.
    :ivar settle: how long a started service that does not say when it is up has to stay up.
    """

    unit: float | None = None
    settle: float | None = None


class Machine:
    """Everything a change may touch.

    :ivar transaction: identifier of the current transaction.
    :ivar record: the state as it becomes.
    :ivar written: real paths of files with new content, to be made durable at the commit.
    :ivar changed_directories: real paths of directories whose entries changed, likewise.
    :ivar changed_file_systems: real paths of directories whose whole file systems are to be made durable.
    :ivar meanwhile: work that is done while units stop, and that may as well be done later. It changes nothing.
    """

    def __init__(
        self,
        root: Root,
        *,
        observer: Observer,
        interruption: Interruption | None = None,
        limits: TimeLimits | None = None,
        connect: Callable[[Stop], Systemd | None] = lambda _stop: None,
        find_packages: Callable[[Root], PackageManager | None] = lambda _root: None,
        find_labels: Callable[[Root], Labels | None] = lambda _root: None,
    ) -> None:
        self.root = root
        self.observer = observer
        self.interruption = interruption or Interruption()
        self.limits = limits or TimeLimits()
        self.accounts = Accounts(root)
        self.transaction = ""
        self.record = Record.of(State())
        self.written: list[str] = []
        self.changed_directories: set[str] = set()
        self.changed_file_systems: set[str] = set()
        self.meanwhile: Callable[[], object] = lambda: None
        self._connect = connect
        self._find_packages = find_packages
        self._find_labels = find_labels

    @functools.cached_property
    def systemd(self) -> Systemd | None:
        """The manager of the running machine, or None when systemd does not run here. Connected at first use."""
        return self._connect(self.interruption)

    @functools.cached_property
    def packages(self) -> PackageManager | None:
        """The distribution's package manager, or None when there is none that we know. Looked for at first use."""
        return self._find_packages(self.root)

    @functools.cached_property
    def labels(self) -> Labels | None:
        """SELinux's policy, or None where SELinux is off. Looked for at first use."""
        return self._find_labels(self.root)

    def label(self, path: str, kind: int) -> bytes | None:
        """The label of a new thing at a logical path; ``kind`` is one of ``S_IFREG``, ``S_IFLNK`` and ``S_IFDIR``."""
        return self.labels.of(path, kind) if self.labels is not None else None

    def note_entry(self, real_path: str, *, written: bool = False) -> None:
        """Remember that an entry changed and, with ``written``, that its content is new."""
        self.changed_directories.add(real_path.rpartition("/")[0])
        if written:
            self.written.append(real_path)

    def flush(self) -> None:
        """Wait until everything that changed so far is on disk. Raises OSError."""
        files.make_durable(self.written, self.changed_directories, whole=self.changed_file_systems)
        self.written.clear()
        self.changed_directories.clear()
        self.changed_file_systems.clear()


class Change(Protocol):
    """One reversible step.

    ``marked`` changes do more than replace names in the file system; the journal says on disk when one begins.
    """

    @property
    def marked(self) -> bool: ...

    def describe(self) -> list[Step]:
        """What the plan shows."""
        ...

    def apply(self, machine: Machine) -> None:
        """Do it and note the outcome in ``machine.record``. Raises on failure, possibly half done."""
        ...

    def revert(self, machine: Machine) -> None:
        """Take it back: whether it was not begun, half done, done, or already taken back."""
        ...

    def finish(self, machine: Machine) -> None:
        """Drop what was kept to take it back; the transaction is committed. May be done twice."""
        ...
