"""Planning what a user has besides lines in databases: a home, a shell that exists, services that linger."""

from __future__ import annotations

import os

from system_manager.activation.account_changes import MakeHome, SetLinger
from system_manager.activation.account_facts import Draft
from system_manager.activation.state import SOFTWARE_LINK, OwnedUser
from system_manager.generation.manifest import User
from system_manager.host.root import Root

_NO_HOMES = frozenset({"/", "/var/empty", "/nonexistent", "/proc", "/dev/null"})
_REFUSING_SHELLS = frozenset({"nologin", "false"})


def is_home(path: str) -> bool:
    """Whether a home directory is one that can be made."""
    return path.rstrip("/") not in _NO_HOMES | {""}


def plan_home(draft: Draft, name: str, user: User, uid: int, gid: int) -> None:
    """Plan that the home is made where it is missing. One that is there is never changed."""
    home = user.home.rstrip("/")
    if not is_home(home):
        return
    owner = draft.facts.owner_of(home)
    if owner is not None:
        if owner != uid and name not in draft.state.users:
            draft.notices.append(f"{home} is there already and stays as it is, although {name} does not own it")
        return
    other = next((one for one in draft.homes if one.path == home), None)
    if other is not None:
        draft.notices.append(f"{home} is made for {other.user} and stays as it is, although it is {name}'s home, too")
        return
    draft.homes.append(MakeHome(name, home, int(user.home_mode, 8), uid, gid))


def place_homes(draft: Draft, root: Root) -> list[MakeHome]:
    """Those of ``draft`` that can be made. One that others are in comes before them, and so gets its own owner."""
    homes = sorted(draft.homes, key=lambda home: root.resolve(home.path))
    return [placed for home in homes if (placed := _place_home(draft, home, root)) is not None]


def _place_home(draft: Draft, home: MakeHome, root: Root) -> MakeHome | None:
    """With links followed, and the directories above that have to be made; None when it cannot be."""
    path = root.resolve(home.path)
    missing: list[str] = []
    parent = path.rpartition("/")[0]
    while parent and not os.path.lexists(root.join(parent)):
        missing.append(parent)
        parent = parent.rpartition("/")[0]
    if parent and not os.path.isdir(root.join(parent)):
        draft.refuse(f"users.users.{home.user}", f"its home {home.path} cannot be made: {parent} is not a directory")
        return None
    return MakeHome(home.user, path, home.mode, home.uid, home.gid, tuple(reversed(missing)))


def check_shell(draft: Draft, name: str, shell: str) -> None:
    """Nobody gets a login shell that does not exist: that would lock them out."""
    if shell.rpartition("/")[2] in _REFUSING_SHELLS or shell.startswith(f"{SOFTWARE_LINK}/"):
        return
    if draft.manifest.packages or any(file.target == shell for file in draft.manifest.files):
        return  # it comes with the same activation
    if draft.facts.owner_of(shell) is None:
        draft.refuse(f"users.users.{name}", f"its shell {shell} does not exist")
    elif not draft.facts.is_program(shell):
        draft.refuse(f"users.users.{name}", f"its shell {shell} is no program")


def plan_linger(draft: Draft, name: str, user: User, owned: OwnedUser | None) -> bool | None:
    """Plan lingering; returns what it was before the configuration decided it, None when it does not."""
    if user.linger is None:
        if owned is not None:
            release_linger(draft, name, owned)
        return None
    now = name in draft.facts.lingering
    if now != user.linger:
        draft.linger.append(SetLinger(name, user.linger))
    return now if owned is None or owned.linger is None else owned.linger


def release_linger(draft: Draft, name: str, owned: OwnedUser) -> None:
    """Plan that lingering is as it was before us."""
    if owned.linger is not None and (name in draft.facts.lingering) != owned.linger:
        draft.linger.append(SetLinger(name, owned.linger))
