"""Names and numbers of users and groups, read-only.

On the running machine the name service answers (so LDAP and systemd-homed accounts count); under another root
its ``/etc/passwd`` and ``/etc/group`` are read.
"""

from __future__ import annotations

import grp
import pwd
from collections.abc import Mapping

from system_manager.host.root import Root


def parse_ids(text: str) -> dict[str, int]:
    """Name to number of ``passwd(5)`` or ``group(5)`` text; lines that make no sense are passed over."""
    ids: dict[str, int] = {}
    for line in text.split("\n"):
        fields = line.split(":")
        if len(fields) >= 3 and fields[0] and fields[0][0] not in "#+-" and fields[2].isascii() and fields[2].isdigit():
            ids.setdefault(fields[0], int(fields[2]))
    return ids


def _number(text: str) -> int | None:
    digits = text.removeprefix("+")
    return int(digits) if digits.isascii() and digits.isdigit() else None


class Accounts:
    """Looks names up, each once."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._users: dict[str, int | None] = {"root": 0}
        self._groups: dict[str, int | None] = {"root": 0}
        self._expected_users: Mapping[str, int] = {}
        self._expected_groups: Mapping[str, int] = {}
        self._files: dict[str, dict[str, int]] = {}

    def expect(self, users: Mapping[str, int], groups: Mapping[str, int]) -> None:
        """Answer for accounts that the plan makes as if they were there."""
        self._expected_users = users
        self._expected_groups = groups

    def forget(self) -> None:
        """Ask again next time, because accounts may have been made meanwhile."""
        self._users = {"root": 0}
        self._groups = {"root": 0}
        self._files = {}

    def user_id(self, name: str) -> int | None:
        """The number of a user given by name, ``"5"`` or ``"+5"``; None when there is no such user."""
        if name in self._expected_users:
            return self._expected_users[name]
        if name not in self._users:
            self._users[name] = self._find_user(name)
        return self._users[name]

    def group_id(self, name: str) -> int | None:
        """The number of a group given by name, ``"5"`` or ``"+5"``; None when there is no such group."""
        if name in self._expected_groups:
            return self._expected_groups[name]
        if name not in self._groups:
            self._groups[name] = self._find_group(name)
        return self._groups[name]

    def is_user_id_taken(self, number: int) -> bool:
        """Whether the running machine's name service knows a user with this number."""
        if not self._root.is_live:
            return False
        try:
            pwd.getpwuid(number)
        except KeyError:
            return False
        return True

    def is_group_id_taken(self, number: int) -> bool:
        """Whether the running machine's name service knows a group with this number."""
        if not self._root.is_live:
            return False
        try:
            grp.getgrgid(number)
        except KeyError:
            return False
        return True

    def _find_user(self, name: str) -> int | None:
        if (number := _number(name)) is not None:
            return number
        if not self._root.is_live:
            return self._read("/etc/passwd").get(name)
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            return None

    def _find_group(self, name: str) -> int | None:
        if (number := _number(name)) is not None:
            return number
        if not self._root.is_live:
            return self._read("/etc/group").get(name)
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None

    def _read(self, path: str) -> dict[str, int]:
        if path not in self._files:
            try:
                with open(self._root.real(path), encoding="utf-8", errors="replace") as file:
                    self._files[path] = parse_ids(file.read())
            except OSError:
                self._files[path] = {}
        return self._files[path]
