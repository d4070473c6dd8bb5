"""Numbers of accounts. A number that once was an account's stays that account's: files on disk know no names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from system_manager.activation.account_facts import Draft
from system_manager.activation.state import OwnedUser
from system_manager.generation.manifest import IdRange as WantedRange
from system_manager.generation.manifest import User
from system_manager.host.account_files import SUBGID, SUBUID, SubordinateRange
from system_manager.host.login_defs import IdRange

# Numbers that systemd gives to services with DynamicUser= for as long as they run, see systemd(1) on user ids.
DYNAMIC_IDS = range(61184, 65520)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an account that is to be made wants. ``remembered`` is the number that it had once."""

    explicit: int | None
    remembered: int | None
    normal: bool


class Allocation:
    """Numbers of users, or of groups.

    :param taken: numbers in the database, and whose they are.
    :param remembered: numbers of accounts that we made once, and whose they are: nobody else gets them.
    """

    def __init__(
        self,
        taken: Mapping[int, str],
        remembered: Mapping[int, str],
        *,
        system: IdRange,
        normal: IdRange,
        is_taken: Callable[[int], bool],
    ) -> None:
        self._taken = dict(taken)
        self._remembered = dict(remembered)
        self._system = system
        self._normal = normal
        self._is_taken = is_taken

    def allocate(self, wishes: Mapping[str, Wish]) -> dict[str, int | str]:
        """The number of each, or a clause that says why there is none. Explicit numbers are served first."""
        found: dict[str, int | str] = {}
        for name, wish in wishes.items():
            if wish.explicit is not None:
                found[name] = self._explicit(name, wish.explicit)
        for name, wish in wishes.items():
            if name not in found and wish.remembered is not None and wish.remembered not in self._taken:
                found[name] = self._take(name, wish.remembered)
        for name, wish in wishes.items():
            if name not in found:
                found[name] = self._free(name, normal=wish.normal)
        return found

    def _take(self, name: str, number: int) -> int:
        self._taken[number] = name
        return number

    def _explicit(self, name: str, number: int) -> int | str:
        other = self._taken.get(number)
        if other is not None:
            return f"its number {number} is already that of '{other}'"
        if self._is_taken(number) and number not in DYNAMIC_IDS:
            return f"its number {number} is already somebody's, in another name service"
        return self._take(name, number)

    def _free(self, name: str, *, normal: bool) -> int | str:
        limits = self._normal if normal else self._system
        upwards = range(limits.first, limits.last + 1)
        # Downwards for services, as useradd(8) does: the low numbers are the distribution's.
        for number in upwards if normal else reversed(upwards):
            if number not in self._taken and number not in self._remembered and not self._is_taken(number):
                return self._take(name, number)
        return f"no number from {limits.first} to {limits.last} is free"


def plan_subordinate(
    draft: Draft, name: str, user: User, owned: OwnedUser | None, *, automatic: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Plan a user's lines in subuid(5) and subgid(5); returns those that are ours then.

    Lines of others are never changed, and no two owners get the same number.
    """
    ours = {
        SUBUID: _explicit(draft, SUBUID, name, user.sub_uid_ranges, owned.sub_uids if owned else (), keep=automatic),
        SUBGID: _explicit(draft, SUBGID, name, user.sub_gid_ranges, owned.sub_gids if owned else (), keep=automatic),
    }
    if automatic and not any(_ranges(draft, path, name) for path in ours) and SUBUID in draft.facts.databases:
        start = _free_start(draft)
        if start is None:
            draft.notices.append(f"no subordinate ids are left for {name}")
        else:
            line = SubordinateRange(name, start, draft.facts.ranges.subordinate_count).print()
            for path, lines in ours.items():
                draft.edit(path, None, line)
                lines.append(line)
    return tuple(ours[SUBUID]), tuple(ours[SUBGID])


def _ranges(draft: Draft, path: str, name: str | None = None) -> list[SubordinateRange]:
    found = (SubordinateRange.parse(line) for line in draft.lines(path).lines)
    return [one for one in found if one is not None and (name is None or one.name == name)]


def _explicit(
    draft: Draft, path: str, name: str, ranges: Iterable[WantedRange], ours: Iterable[str], *, keep: bool
) -> list[str]:
    wanted = [SubordinateRange(name, one.start, one.count) for one in ranges]
    texts = [one.print() for one in wanted]
    there = set(draft.lines(path).lines)
    kept = [line for line in ours if line in there and (keep or line in texts)]
    for line in ours:
        if line in there and line not in kept:
            draft.edit(path, line, None)
    for one in wanted:
        other = next((o for o in _ranges(draft, path) if o.overlaps(one) and o.name != name), None)
        if other is not None:
            draft.refuse(f"users.users.{name}", f"its subordinate ids from {one.start} on are those of '{other.name}'")
        elif one.print() not in there:
            draft.edit(path, None, one.print())
            kept.append(one.print())
    return kept


def _free_start(draft: Draft) -> int | None:
    limits, count = draft.facts.ranges.subordinate, draft.facts.ranges.subordinate_count
    taken = sorted((one.start, one.start + one.count) for path in (SUBUID, SUBGID) for one in _ranges(draft, path))
    start = limits.first
    for first, end in taken:
        if first < start + count and start < end:
            # The next multiple: ranges of the same size then stay side by side.
            start += -(-(end - start) // count) * count
    return start if start + count - 1 <= limits.last else None
