"""The account databases below ``/etc`` as lines: passwd(5), group(5), shadow(5), gshadow(5), subuid(5), subgid(5).

Only lines that are to change are ever rewritten. Comments, lines that make no sense, and the order of everything
stay as they are: printing what was parsed gives back every byte.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Self

import msgspec

from system_manager.base.records import record, replace

USERS = "/etc/passwd"
GROUP = "/etc/group"
SHADOW = "/etc/shadow"
GSHADOW = "/etc/gshadow"
SUBUID = "/etc/subuid"
SUBGID = "/etc/subgid"

SHADOWED = "x"
"""The password in passwd(5) of an account whose password is in shadow(5)."""

_PASSWD_FIELDS = 7
_GROUP_FIELDS = 4
_SHADOW_FIELDS = 9


class Edit(msgspec.Struct, frozen=True):
    """One line becomes another. ``old`` None adds a line, ``new`` None takes one away."""

    old: str | None
    new: str | None


@record(frozen=True)
class Lines:
    """A database. ``terminated`` is false when the last line does not end with a newline."""

    lines: tuple[str, ...] = ()
    terminated: bool = True

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Any bytes are a database."""
        lines = data.decode(errors="surrogateescape").split("\n")
        terminated = lines[-1] == ""
        return cls(tuple(lines[:-1] if terminated else lines), terminated)

    def print(self) -> bytes:
        """The bytes again."""
        text = "\n".join(self.lines) + ("\n" if self.terminated and self.lines else "")
        return text.encode(errors="surrogateescape")

    def edited(self, edits: Iterable[Edit]) -> Lines:
        """With the edits made. Edits of lines that are not there are passed over."""
        lines = list(self.lines)
        terminated = self.terminated
        for edit in edits:
            if edit.old is not None and edit.old in lines:
                place = lines.index(edit.old)
                lines[place : place + 1] = [] if edit.new is None else [edit.new]
            elif edit.old is None and edit.new is not None:
                place = _end(lines)
                terminated = terminated or place == len(lines)
                lines.insert(place, edit.new)
        return Lines(tuple(lines), terminated)

    def fits(self, edits: Iterable[Edit]) -> bool:
        """Whether the edits, planned for other lines, can be made here as well.

        What they change or take away is there, and what they add has neither a name nor a number that is there.
        """
        now = self
        for edit in edits:
            if edit.old is not None and edit.old not in now.lines:
                return False
            if edit.old is None and edit.new is not None and any(_clash(edit.new, line) for line in now.lines):
                return False
            now = now.edited([edit])
        return True

    def without(self, edits: Iterable[Edit]) -> Lines:
        """With the edits taken back, where their outcome is still there."""
        return self.edited(Edit(edit.new, edit.old) for edit in reversed(list(edits)) if edit.new is not None)

    def first(self, name: str) -> str | None:
        """The line whose first field is ``name``, and that counts: the C library takes the first one."""
        return _first_lines(self.lines).get(name)


@functools.lru_cache(maxsize=8)  # there are six databases
def _first_lines(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, _ = line.partition(":")
        if colon:
            found.setdefault(name, line)
    return found


def _clash(line: str, other: str) -> bool:
    """Whether two lines of one database are about the same account, or about two with one number."""
    ours, theirs = SubordinateRange.parse(line), SubordinateRange.parse(other)
    if ours is not None:
        return theirs is not None and ours.overlaps(theirs)
    mine, others = line.split(":"), other.split(":")
    is_numbered = len(mine) in {_PASSWD_FIELDS, _GROUP_FIELDS} and len(mine) == len(others) and mine[2].isdigit()
    return mine[0] == others[0] or (is_numbered and mine[2] == others[2])


def _end(lines: list[str]) -> int:
    """Where a new line goes: the last lines of a file for NIS (``+::::::``) have to stay the last ones."""
    place = len(lines)
    while place and lines[place - 1].startswith(("+", "-")):
        place -= 1
    return place


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
        return int(text)
    return None


@record(frozen=True)
class PasswdEntry:
    """A line of passwd(5)."""

    name: str
    password: str
    uid: int
    gid: int
    description: str
    home: str
    shell: str

    @classmethod
    def parse(cls, line: str) -> PasswdEntry | None:
        """None when the line is none that could be printed again."""
        fields = line.split(":")
        if len(fields) != _PASSWD_FIELDS or not fields[0] or fields[0][0] in "#+-":
            return None
        uid, gid = _number(fields[2]), _number(fields[3])
        if uid is None or gid is None:
            return None
        return cls(fields[0], fields[1], uid, gid, *fields[4:])

    def print(self) -> str:
        """The line."""
        fields = (self.name, self.password, str(self.uid), str(self.gid), self.description, self.home, self.shell)
        return ":".join(fields)

    def password_beside(self, shadow: ShadowEntry | None) -> str:
        """The password that counts, given the line in shadow(5)."""
        if self.password != SHADOWED:
            return self.password
        return shadow.password if shadow is not None else "!"


def _members(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


@record(frozen=True)
class GroupEntry:
    """A line of group(5)."""

    name: str
    password: str
    gid: int
    members: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> GroupEntry | None:
        """None when the line is none that could be printed again."""
        fields = line.split(":")
        if len(fields) != _GROUP_FIELDS or not fields[0] or fields[0][0] in "#+-":
            return None
        gid = _number(fields[2])
        return None if gid is None else cls(fields[0], fields[1], gid, _members(fields[3]))

    def print(self) -> str:
        """The line."""
        return f"{self.name}:{self.password}:{self.gid}:{','.join(self.members)}"


@record(frozen=True)
class GshadowEntry:
    """A line of gshadow(5)."""

    name: str
    password: str
    administrators: str
    members: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> GshadowEntry | None:
        """None when the line is none that could be printed again."""
        fields = line.split(":")
        if len(fields) != _GROUP_FIELDS or not fields[0] or fields[0][0] in "#+-":
            return None
        return cls(fields[0], fields[1], fields[2], _members(fields[3]))

    def print(self) -> str:
        """The line."""
        return f"{self.name}:{self.password}:{self.administrators}:{','.join(self.members)}"


@record(frozen=True)
class ShadowEntry:
    """A line of shadow(5). ``ageing`` holds fields 3 to 7, ``expires`` is in days since 1970 or empty."""

    name: str
    password: str
    ageing: tuple[str, ...] = ("1", "", "", "", "")
    expires: str = ""
    reserved: str = ""

    @classmethod
    def parse(cls, line: str) -> ShadowEntry | None:
        """None when the line is none that could be printed again."""
        fields = line.split(":")
        if len(fields) != _SHADOW_FIELDS or not fields[0] or fields[0][0] in "#+-":
            return None
        return cls(fields[0], fields[1], tuple(fields[2:7]), fields[7], fields[8])

    def print(self) -> str:
        """The line."""
        return ":".join((self.name, self.password, *self.ageing, self.expires, self.reserved))

    def with_expiry(self, expires: str) -> ShadowEntry:
        """The same, expiring on another day."""
        return replace(self, expires=expires)


@record(frozen=True)
class SubordinateRange:
    """A line of subuid(5) or subgid(5)."""

    name: str
    start: int
    count: int

    @classmethod
    @functools.lru_cache(maxsize=1 << 16)  # for each user all of them are looked at
    def parse(cls, line: str) -> SubordinateRange | None:
        """None when the line is none."""
        fields = line.split(":")
        if len(fields) != 3 or not fields[0] or fields[0][0] == "#":
            return None
        start, count = _number(fields[1]), _number(fields[2])
        return None if start is None or count is None else cls(fields[0], start, count)

    def print(self) -> str:
        """The line."""
        return f"{self.name}:{self.start}:{self.count}"

    def overlaps(self, other: SubordinateRange) -> bool:
        """Whether they share a number."""
        return self.start < other.start + other.count and other.start < self.start + self.count
