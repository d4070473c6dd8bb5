"""Rules of tmpfiles.d(5), as far as they are compared with the machine."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from system_manager.base.records import record
from system_manager.host import files
from system_manager.host.accounts import Accounts
from system_manager.host.files import Seen
from system_manager.host.root import Root

_MAKES_DIRECTORY = frozenset("dDvqQ")
_MAKES_OTHER = frozenset("fFpLcbC")
_ADJUSTS = frozenset("ezZmaAhHtT")
_RECURSIVE = frozenset("ZAHT")
_GLOBS = frozenset("*?[")
_MODE = "[0-7]+"


@record(frozen=True)
class Rule:
    """One line, as far as it is compared with the machine. Fields that are not given are ``-``.

    :ivar kind: the letter; ``forced`` whether there is a ``+`` after it.
    :ivar replaces: there is a ``+`` or a ``=``, so that what is there may go, or get another content.
    """

    kind: str
    forced: bool
    path: str
    mode: str
    user: str
    group: str
    argument: str
    replaces: bool = False


def read_rules(root: Root, path: str) -> list[Rule]:
    """The rules in a file (logical path); none when it cannot be read."""
    try:
        with open(root.real(path), encoding="utf-8", errors="replace") as file:
            return list(parse_rules(file.read()))
    except OSError:
        return []


def parse_rules(text: str) -> Iterator[Rule]:
    """Rules that hold at all times, without those that hold specifiers."""
    for line in text.splitlines():
        try:
            fields = shlex.split(line, comments=True)
        except ValueError:
            continue
        if len(fields) < 2 or not fields[0] or "!" in fields[0]:
            continue
        path, (mode, user, group) = fields[1], (*fields[2:5], "-", "-", "-")[:3]
        if path.startswith("/") and not any(c in path for c in "%\\"):
            argument = " ".join(fields[6:])
            replaces = not {"+", "="}.isdisjoint(fields[0])
            yield Rule(fields[0][0], "+" in fields[0], os.path.normpath(path), mode, user, group, argument, replaces)


def unlike_rules(root: Root, accounts: Accounts, rules: Sequence[Rule]) -> dict[str, str]:
    """What is not as the rules make it, by path, as a clause.

    Only directories and links are missed: other files are often made to be consumed.
    """
    adjusted = Adjusted(rules)
    found: dict[str, str] = {}
    decided: set[str] = set()  # of several rules for a path the first one holds
    for rule in rules:
        if rule.kind in _ADJUSTS or rule.path in decided or not _GLOBS.isdisjoint(rule.path):
            continue
        decided.add(rule.path)
        seen = files.look(root.join(rule.path))
        what = _difference(rule, seen, accounts, adjusted=adjusted.covers(rule.path))
        if what is not None:
            found[rule.path] = what
    return found


def _difference(rule: Rule, seen: Seen, accounts: Accounts, *, adjusted: bool) -> str | None:
    if seen.kind == "absent":
        return "is missing" if rule.kind in _MAKES_DIRECTORY or rule.kind == "L" else None
    if rule.kind == "L" and rule.forced and rule.argument and not set(rule.argument) & set("%\\"):
        if seen.kind != "link":
            return f"is {files.NAMES[seen.kind]} now"
        return None if seen.text == rule.argument else f"points to {seen.text} now"
    if rule.kind in _MAKES_DIRECTORY and seen.kind in {"file", "other"}:
        return f"is {files.NAMES[seen.kind]} now"
    wanted = "file" if rule.kind == "f" else "directory" if rule.kind in _MAKES_DIRECTORY else None
    if seen.kind != wanted or adjusted:
        return None
    # With a prefix, the field says less than what is to be there, see tmpfiles.d(5).
    if re.fullmatch(_MODE, rule.mode) and seen.mode != int(rule.mode, 8):
        return f"has mode {seen.mode:04o} instead of {int(rule.mode, 8):04o}"
    user = seen.user if rule.user == "-" else accounts.user_id(rule.user)
    group = seen.group if rule.group == "-" else accounts.group_id(rule.group)
    if (seen.user, seen.group) != (user, group) and user is not None and group is not None:
        return f"belongs to {seen.user}:{seen.group} instead of {user}:{group}"
    return None


class Adjusted:
    """Paths whose modes and owners rules decide on that make nothing, in ways that are not followed here."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._paths: set[str] = set()
        self._below: list[str] = []
        for rule in rules:
            if rule.kind not in _ADJUSTS:
                continue
            fixed = rule.path[: next((i for i, c in enumerate(rule.path) if c in _GLOBS), len(rule.path))]
            self._paths.add(rule.path)
            if fixed != rule.path:
                self._below.append(fixed)
            elif rule.kind in _RECURSIVE:
                self._below.append(f"{fixed.rstrip('/')}/")

    def covers(self, path: str) -> bool:
        """Whether one of them is about this path."""
        return path in self._paths or path.startswith(tuple(self._below))


class Ruled(Adjusted):
    """Paths whose modes and owners rules decide on."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        known = list(rules)
        super().__init__(known)
        self._paths |= {rule.path for rule in known if rule.kind in _MAKES_DIRECTORY}


def made_by_rules(text: str) -> list[str]:
    """The paths that the rules in ``text`` create, without those that hold specifiers or wildcards."""
    kinds = _MAKES_DIRECTORY | _MAKES_OTHER
    return [rule.path for rule in parse_rules(text) if rule.kind in kinds and _GLOBS.isdisjoint(rule.path)]
