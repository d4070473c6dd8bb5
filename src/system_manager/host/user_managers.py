"""The service managers of users who are logged in or linger (user@.service(5)), spoken to as those users."""

from __future__ import annotations

import pwd
import re
from collections.abc import Callable, Iterable, Mapping

from system_manager.base.identity import Identity, NoAnswerError, each_as
from system_manager.base.records import record
from system_manager.host.bus import Sockets
from system_manager.host.systemd import Systemd, UnitStatus

_MANAGER = r"user@([0-9]+)\.service"


@record(frozen=True)
class UserManager:
    """A manager that runs."""

    name: str
    identity: Identity

    @property
    def runtime_directory(self) -> str:
        """Its ``$XDG_RUNTIME_DIR``."""
        return f"/run/user/{self.identity.uid}"


class _NoStop:
    """The parent process decides when a wait ends early, and then ends the whole process."""

    wake_descriptor = None

    def checkpoint(self) -> None:
        """Nothing to say."""


def running_managers(units: Mapping[str, UnitStatus]) -> list[UserManager]:
    """The users' managers among the units of the system manager; those of unknown users are passed over."""
    found = []
    for name, status in sorted(units.items()):
        match = re.fullmatch(_MANAGER, name)
        if match is None or status.active != "active":
            continue
        try:
            account = pwd.getpwuid(int(match[1]))
        except KeyError:
            continue
        found.append(UserManager(account.pw_name, Identity(account.pw_uid, account.pw_gid)))
    return found


def ask_each(
    managers: Iterable[UserManager],
    question: Callable[[UserManager, Systemd], bytes],
    *,
    seconds: float,
    checkpoint: Callable[[], None],
) -> dict[UserManager, bytes | NoAnswerError]:
    """Ask all of them at the same time, each in a process of its user's. See :func:`~.identity.each_as`."""
    by_identity = {manager.identity: manager for manager in managers}

    def work(manager: UserManager) -> Callable[[], bytes]:
        return lambda: question(manager, _connect(manager))

    answers = each_as(
        {identity: work(manager) for identity, manager in by_identity.items()},
        variables=lambda identity: {"XDG_RUNTIME_DIR": by_identity[identity].runtime_directory},
        seconds=seconds,
        checkpoint=checkpoint,
    )
    return {by_identity[identity]: answer for identity, answer in answers.items()}


def _connect(manager: UserManager) -> Systemd:
    directory = manager.runtime_directory
    return Systemd.connect(_NoStop(), Sockets(f"{directory}/systemd/private", f"{directory}/bus"))
