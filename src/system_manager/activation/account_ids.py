"""Numbers of accounts. A number that once was an account's stays that account's: files on disk know no names."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from system_manager.activation.account_facts import Draft
from system_manager.activation.change import Action, Subject
from system_manager.activation.state import OwnedUser
from system_manager.base.records import record
from system_manager.generation.manifest import IdRange as WantedRange
from system_manager.generation.manifest import User
from system_manager.host.account_files import SUBGID, SUBUID, SubordinateRange
from system_manager.host.login_defs import IdRange

# Numbers that systemd gives to services with DynamicUser= for as long as they run, see systemd(1) on user ids.
DYNAMIC_IDS = range(61184, 65520)


@record(frozen=True)
class Known:
    """An account that we made or changed once."""

    number: int
    created: bool


@record(frozen=True)
class Declared:
    """An account of the configuration. ``normal`` ones are people's, whose numbers are from another range."""

    explicit: int | None
    normal: bool


@record(frozen=True)
class Ranges:
    """Where numbers are from.

    :ivar is_taken: asks the machine's name service.
    :ivar rename: the command that renames an account, with the new name last but one.
    :ivar released: accounts that we made and that nobody declares any more.
    """

    system: IdRange
    normal: IdRange
    is_taken: Callable[[int], bool]
    rename: str = ""
    released: frozenset[str] = frozenset()


def allocate_new(
    present: Sequence[tuple[str, int]], known: Mapping[str, Known], declared: Mapping[str, Declared], ranges: Ranges
) -> dict[str, int | str]:
    """The number of each declared account that is not there yet, or a clause that says why there is none.

    Explicit numbers are served first, then those that an account had once. Numbers of accounts that we made once are
    nobody else's.

    :param present: names and numbers in the database, the line that counts for a number first.
    """
    taken = {number: name for name, number in reversed(present)}
    remembered = {one.number for one in known.values() if one.created}
    there = {name for name, _ in present}
    wanted = {name: declared[name] for name in sorted(declared.keys() - there)}
    found: dict[str, int | str] = {}
    for name, wish in wanted.items():
        if wish.explicit is not None:
            found[name] = _explicit_number(name, wish.explicit, taken, ranges)
            if found[name] == wish.explicit:
                taken[wish.explicit] = name
    for name in wanted:
        if name not in found and name in known and known[name].number not in taken:
            found[name] = known[name].number
            taken[known[name].number] = name
    for name, wish in wanted.items():
        if name not in found:
            number = _free_number(taken.keys() | remembered, ranges, normal=wish.normal)
            found[name] = number
            if isinstance(number, int):
                taken[number] = name
    return found


def _explicit_number(name: str, number: int, taken: Mapping[int, str], ranges: Ranges) -> int | str:
    other = taken.get(number)
    if other in ranges.released:
        return f"its number {number} stays that of '{other}', unless '{ranges.rename} {name} {other}' renames that"
    if other is not None:
        return f"its number {number} is already that of '{other}'"
    if ranges.is_taken(number) and number not in DYNAMIC_IDS:
        return f"its number {number} is already somebody's, in another name service"
    return number


def _free_number(not_free: Container[int], ranges: Ranges, *, normal: bool) -> int | str:
    limits = ranges.normal if normal else ranges.system
    upwards = range(limits.first, limits.last + 1)
    # Downwards for services, as useradd(8) does: the low numbers are the distribution's.
    for number in upwards if normal else reversed(upwards):
        if number not in not_free and not ranges.is_taken(number):
            return number
    return f"no number from {limits.first} to {limits.last} is free"


def plan_subordinate(
    draft: Draft, name: str, user: User, owned: OwnedUser | None, *, automatic: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Plan a user's lines in subuid(5) and subgid(5); returns those that are ours then.

    Lines of others are never changed, and no two owners get the same number.
    """
    names = _names_of(draft, name)
    before_uids, before_gids = (owned.sub_uids, owned.sub_gids) if owned is not None else ((), ())
    ours = {
        SUBUID: _explicit_ranges(draft, SUBUID, name, user.sub_uid_ranges, before_uids, keep=automatic),
        SUBGID: _explicit_ranges(draft, SUBGID, name, user.sub_gid_ranges, before_gids, keep=automatic),
    }
    gives = automatic and draft.facts.ranges.subordinate_count > 0
    if gives and not any(_ranges(draft, path, names) for path in ours) and SUBUID in draft.facts.databases:
        start = _free_start(draft)
        if start is None:
            draft.notices.append(f"no subordinate ids are left for {name}")
        else:
            line = SubordinateRange(name, start, draft.facts.ranges.subordinate_count).print()
            for path, lines in ours.items():
                draft.edit(path, None, line)
                lines.append(line)
    return tuple(ours[SUBUID]), tuple(ours[SUBGID])


def release_subordinate(draft: Draft) -> None:
    """Plan that the lines of ours go which users are not given any more, so that others can be given those numbers."""
    for name, owned in draft.state.users.items():
        user = draft.manifest.users.get(name)
        if user is None and owned.created:
            continue  # it is locked, and keeps what it had
        for path, lines in ((SUBUID, owned.sub_uids), (SUBGID, owned.sub_gids)):
            wanted = _wanted_lines(name, user, path)
            for line in lines:
                if wanted is not None and line not in wanted and line in draft.lines(path).lines:
                    draft.edit(path, line, None)


def _wanted_lines(name: str, user: User | None, path: str) -> list[str] | None:
    """None where an automatic range may be among those that are there."""
    if user is None:
        return []
    if user.auto_sub_uid_gid_range:
        return None
    ranges = user.sub_uid_ranges if path == SUBUID else user.sub_gid_ranges
    return [SubordinateRange(name, one.start, one.count).print() for one in ranges]


def tell_subordinate(draft: Draft) -> None:
    """A line of the plan for each user whose subordinate ids change."""
    changes: dict[str, dict[str, list[str]]] = {}
    for path in (SUBUID, SUBGID):
        before, after = draft.facts.lines(path).lines, draft.lines(path).lines
        for verb, there, then in (("takes back", before, after), ("adds", after, before)):
            for line in sorted(set(there) - set(then)):
                if (ids := SubordinateRange.parse(line)) is not None:
                    what = f"{verb} ids {ids.start} to {ids.start + ids.count - 1}"
                    changes.setdefault(ids.name, {}).setdefault(what, []).append(path.rpartition("/")[2])
    for name, whats in sorted(changes.items()):
        details = [f"{what} in {' and '.join(places)}" for what, places in whats.items()]
        draft.step(Action.REPLACE, Subject.USER, name, details)


def _names_of(draft: Draft, name: str) -> set[str]:
    """Under which an owner can be found: subuid(5) allows the number, too."""
    return {name, *(str(number) for number in [draft.user_ids.get(name)] if number is not None)}


def _ranges(draft: Draft, path: str, names: Container[str] | None = None) -> list[SubordinateRange]:
    found = (SubordinateRange.parse(line) for line in draft.lines(path).lines)
    return [one for one in found if one is not None and (names is None or one.name in names)]


def _explicit_ranges(
    draft: Draft, path: str, name: str, ranges: Iterable[WantedRange], ours: Iterable[str], *, keep: bool
) -> list[str]:
    owner = _names_of(draft, name)
    wanted = [SubordinateRange(name, one.start, one.count) for one in ranges]
    texts = [one.print() for one in wanted]
    there = set(draft.lines(path).lines)
    kept = [line for line in ours if line in there and (keep or line in texts)]
    for line in ours:
        if line in there and line not in kept:
            draft.edit(path, line, None)
        elif keep and line not in there and line not in texts and _is_free(draft, path, line):
            draft.edit(path, None, line)
            kept.append(line)
    for one in wanted:
        other = next((o for o in _ranges(draft, path) if o.overlaps(one) and o.name not in owner), None)
        if other is not None:
            draft.refuse(f"users.users.{name}", f"its subordinate ids from {one.start} on are those of '{other.name}'")
        elif one.print() not in there:
            draft.edit(path, None, one.print())
            kept.append(one.print())
    return kept


def _is_free(draft: Draft, path: str, line: str) -> bool:
    lost = SubordinateRange.parse(line)
    return lost is not None and not any(one.overlaps(lost) for one in _ranges(draft, path))


def _free_start(draft: Draft) -> int | None:
    limits, count = draft.facts.ranges.subordinate, draft.facts.ranges.subordinate_count
    taken = [(one.start, one.count) for path in (SUBUID, SUBGID) for one in _ranges(draft, path)]
    for user in draft.manifest.users.values():
        # Whoever is planned later has the numbers that the configuration gives them.
        taken += [(one.start, one.count) for one in (*user.sub_uid_ranges, *user.sub_gid_ranges)]
    start = limits.first
    for first, size in sorted(taken):
        end = first + size
        if first < start + count and start < end:
            # The next multiple: ranges of the same size then stay side by side.
            start += -(-(end - start) // count) * count
    return start if start + count - 1 <= limits.last else None
