"""Planning groups. Membership is added to, and only those whom we added are ever taken out again."""

from __future__ import annotations

from collections.abc import Iterable

from system_manager.activation.account_facts import Draft
from system_manager.activation.account_ids import DYNAMIC_IDS, Declared, Known, Ranges, allocate_new
from system_manager.activation.change import Action, Subject
from system_manager.activation.state import OwnedGroup
from system_manager.host.account_files import GROUP, GSHADOW, GroupEntry, GshadowEntry


def plan_groups(draft: Draft) -> None:
    """Plan every group that is declared, or that we changed once."""
    wanted = _wanted_members(draft)
    numbers = _new_numbers(draft)
    for name in sorted(wanted.keys() | draft.state.groups.keys()):
        line = draft.facts.lines(GROUP).first(name)
        if line is None:
            _plan_absent(draft, name, numbers.get(name), wanted.get(name, ()))
            continue
        entry = GroupEntry.parse(line)
        if entry is not None:
            _plan_present(draft, entry, line, wanted.get(name, ()))
        elif name in wanted:
            draft.refuse(f"users.groups.{name}", f"its line in {GROUP} makes no sense")


def _wanted_members(draft: Draft) -> dict[str, tuple[str, ...]]:
    wanted = {name: set(group.members) for name, group in draft.manifest.groups.items()}
    for user_name, user in draft.manifest.users.items():
        for group in user.extra_groups:
            wanted.setdefault(group, set()).add(user_name)
    return {name: tuple(sorted(members)) for name, members in wanted.items()}


def _new_numbers(draft: Draft) -> dict[str, int | str]:
    entries = (GroupEntry.parse(line) for line in draft.facts.lines(GROUP).lines)
    # The group of a person has its number from where that person has it, as useradd(8) does it.
    people = {user.group for user in draft.manifest.users.values() if user.normal}
    ranges = draft.facts.ranges
    return allocate_new(
        [(entry.name, entry.gid) for entry in entries if entry is not None],
        {name: Known(owned.gid, owned.created) for name, owned in draft.state.groups.items()},
        {name: Declared(group.gid, name in people) for name, group in draft.manifest.groups.items()},
        Ranges(
            ranges.system_groups,
            ranges.groups,
            draft.facts.is_group_id_taken,
            "groupmod --new-name",
            frozenset(name for name, owned in draft.state.groups.items() if owned.created)
            - draft.manifest.groups.keys(),
        ),
    )


def _plan_absent(draft: Draft, name: str, number: int | str | None, members: tuple[str, ...]) -> None:
    owned = draft.state.groups.get(name)
    if name not in draft.manifest.groups:
        if members:
            draft.notices.append(f"there is no group '{name}', so {', '.join(members)} cannot be in it")
        if owned is not None and owned.created:
            draft.groups[name] = OwnedGroup(owned.gid, created=True, declared=False)
        return
    elsewhere = draft.facts.group_id(name)
    if elsewhere is not None and elsewhere not in DYNAMIC_IDS:
        draft.refuse(f"users.groups.{name}", "another name service than /etc/group knows this group")
    elif not isinstance(number, int):
        draft.refuse(f"users.groups.{name}", str(number))
    else:
        draft.edit(GROUP, None, GroupEntry(name, "x", number, members).print())
        if GSHADOW in draft.facts.databases:
            stale = draft.facts.lines(GSHADOW).first(name)
            draft.edit(GSHADOW, stale, GshadowEntry(name, "!", "", members).print())
        draft.step(Action.CREATE, Subject.GROUP, name, [f"gid {number}", *_listed("members", members)])
        draft.group_ids[name] = number
        draft.groups[name] = OwnedGroup(number, created=True, members=members)


def _plan_present(draft: Draft, entry: GroupEntry, line: str, members: tuple[str, ...]) -> None:
    name = entry.name
    declared = draft.manifest.groups.get(name)
    owned = draft.state.groups.get(name)
    if owned is not None and owned.gid != entry.gid:
        # Somebody renumbered it, or made another one of that name: it is theirs now, but for the members whom we added.
        owned = OwnedGroup(entry.gid, created=False, members=owned.members)
    if declared is not None:
        draft.group_ids[name] = entry.gid
        if declared.gid not in {None, entry.gid}:
            draft.notices.append(f"group {name} keeps its number {entry.gid}; the configuration says {declared.gid}")
    before = owned.members if owned is not None else ()
    if owned is not None and owned.created and declared is not None and not draft.manifest.mutable_users:
        before = entry.members  # whoever put them there
    added = [member for member in members if member not in entry.members]
    removed = [member for member in before if member not in members and member in entry.members]
    if added or removed:
        draft.edit(GROUP, line, _with_members(entry, added, removed).print())
        draft.step(Action.REPLACE, Subject.GROUP, name, [*_listed("adds", added), *_listed("takes out", removed)])
    _plan_gshadow(draft, name, added, removed)
    kept = (member for member in before if member in members and member in entry.members)
    created = owned is not None and owned.created
    record = OwnedGroup(entry.gid, created, declared is not None, tuple(sorted([*kept, *added])))
    if created or record.declared or record.members:
        draft.groups[name] = record


def _with_members(entry: GroupEntry, added: Iterable[str], removed: Iterable[str]) -> GroupEntry:
    members = (*(member for member in entry.members if member not in set(removed)), *added)
    return GroupEntry(entry.name, entry.password, entry.gid, members)


def _plan_gshadow(draft: Draft, name: str, added: list[str], removed: list[str]) -> None:
    """The same members there; gpasswd(1) takes those of gshadow(5) for the truth."""
    line = draft.facts.lines(GSHADOW).first(name)
    entry = GshadowEntry.parse(line) if line is not None else None
    if line is None or entry is None or not (added or removed):
        return
    members = [member for member in entry.members if member not in removed]
    members += [member for member in added if member not in members]
    draft.edit(GSHADOW, line, GshadowEntry(name, entry.password, entry.administrators, tuple(members)).print())


def _listed(label: str, names: Iterable[str]) -> list[str]:
    text = " ".join(names)
    return [f"{label} {text}"] if text else []
