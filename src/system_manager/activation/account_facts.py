"""What the machine says about accounts, read once; and the draft that planners of groups and users write on."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping

from system_manager.activation.account_changes import LINGER_DIRECTORY, MakeHome, SetLinger
from system_manager.activation.change import Action, Step, Subject
from system_manager.activation.files import Conflict
from system_manager.activation.state import OwnedGroup, OwnedUser, State
from system_manager.base.records import field, record
from system_manager.generation.manifest import Manifest
from system_manager.host.account_files import GROUP, GSHADOW, SHADOW, SUBGID, SUBUID, USERS, Edit, Lines
from system_manager.host.accounts import Accounts
from system_manager.host.login_defs import LOGIN_DEFS, IdRanges, parse_login_defs
from system_manager.host.root import Root

# In this order they are written.
DATABASES = (GROUP, GSHADOW, SUBUID, SUBGID, SHADOW, USERS)


@record(frozen=True)
class Facts:
    """The machine's side.

    :ivar databases: by logical path; what is absent is not in it.
    :ivar unreadable: databases that only root may read, when we are not root.
    :ivar lingering: users whose services run without a login.
    :ivar password_files: content of the files that the configuration names, without the last newline; None for
        those that cannot be read.
    :ivar user_id: number of a user that the machine's name service knows, wherever from; ``group_id`` likewise.
    :ivar is_user_id_taken: whether a number is somebody's; ``is_group_id_taken`` likewise.
    :ivar owner_of: number of the owner of a logical path, None when nothing is there.
    :ivar is_program: whether a logical path is a file that can be executed.
    """

    databases: Mapping[str, Lines] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    ranges: IdRanges = field(default_factory=IdRanges)
    lingering: frozenset[str] = frozenset()
    password_files: Mapping[str, str | None] = field(default_factory=dict)
    user_id: Callable[[str], int | None] = lambda _name: None
    group_id: Callable[[str], int | None] = lambda _name: None
    is_user_id_taken: Callable[[int], bool] = lambda _number: False
    is_group_id_taken: Callable[[int], bool] = lambda _number: False
    owner_of: Callable[[str], int | None] = lambda _path: None
    is_program: Callable[[str], bool] = lambda _path: True

    def lines(self, path: str) -> Lines:
        """A database; an absent one is empty."""
        return self.databases.get(path, Lines())


def read_facts(root: Root, accounts: Accounts, manifest: Manifest) -> Facts:
    """Read all that planning accounts needs. Raises OSError."""
    databases, unreadable = {}, set()
    for path in DATABASES:
        try:
            with open(root.real(path), "rb") as file:
                databases[path] = Lines.parse(file.read())
        except FileNotFoundError:
            continue
        except PermissionError:
            unreadable.add(path)
    passwd = databases.get(USERS, Lines())
    named = {
        user.hashed_password_file
        for name, user in manifest.users.items()
        if user.hashed_password_file is not None and (passwd.first(name) is None or not manifest.mutable_users)
    }
    return Facts(
        databases,
        frozenset(unreadable),
        parse_login_defs(_text(root, LOGIN_DEFS) or ""),
        _names_in(root, LINGER_DIRECTORY),
        {path: _first_line(_text(root, path)) for path in named},
        accounts.user_id,
        accounts.group_id,
        accounts.is_user_id_taken,
        accounts.is_group_id_taken,
        lambda path: _owner(root, path),
        lambda path: _is_program(root, path),
    )


def _text(root: Root, path: str) -> str | None:
    try:
        with open(root.real(path), encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return None


def _first_line(text: str | None) -> str | None:
    return None if text is None else text.removesuffix("\n")


def _names_in(root: Root, directory: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(root.real(directory)))
    except OSError:
        return frozenset()


def _owner(root: Root, path: str) -> int | None:
    try:
        return os.stat(root.real(path)).st_uid
    except OSError:
        return None


def _is_program(root: Root, path: str) -> bool:
    try:
        status = os.stat(root.real(path))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and bool(status.st_mode & 0o111)


@record()
class Draft:
    """What is planned so far.

    :ivar repair: what somebody did to accounts that are no longer declared is taken back, too.
    :ivar edits: by database.
    :ivar user_ids: numbers of the users that are declared or made, by name; ``group_ids`` likewise.
    """

    facts: Facts
    state: State
    manifest: Manifest
    repair: bool = False
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    homes: list[MakeHome] = field(default_factory=list)
    linger: list[SetLinger] = field(default_factory=list)
    users: dict[str, OwnedUser] = field(default_factory=dict)
    groups: dict[str, OwnedGroup] = field(default_factory=dict)
    user_ids: dict[str, int] = field(default_factory=dict)
    group_ids: dict[str, int] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def edit(self, database: str, old: str | None, new: str | None) -> None:
        """Plan that a line becomes another."""
        if old != new and database not in self.facts.unreadable:
            self.edits.setdefault(database, []).append(Edit(old, new))

    def lines(self, database: str) -> Lines:
        """A database as it is planned to be."""
        return self.facts.lines(database).edited(self.edits.get(database, ()))

    def step(self, action: Action, subject: Subject, name: str, details: Iterable[str] = (), reason: str = "") -> None:
        """Plan a line of the plan."""
        self.steps.append(Step(action, subject, f"{subject.value} {name}", ", ".join(details), reason))

    def refuse(self, option: str, why: str) -> None:
        """Plan nothing of it: this cannot be."""
        self.conflicts.append(Conflict(option, why))
