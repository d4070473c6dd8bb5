"""Where accounts differ from what was decided about them. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

from system_manager.activation.account_facts import Facts, read_facts
from system_manager.activation.account_shadow import show_day
from system_manager.activation.change import Drift, Machine, Subject
from system_manager.activation.state import OwnedGroup, OwnedUser, State
from system_manager.generation.manifest import nothing
from system_manager.host.account_files import GROUP, SHADOW, SUBGID, SUBUID, USERS, GroupEntry, PasswdEntry, ShadowEntry

_NAMES = {"gid": "group number"}


def account_drift(machine: Machine, state: State) -> list[Drift]:
    """Every difference. Accounts that are no longer declared count only when they are ours and not locked."""
    if not (state.users or state.groups):
        return []
    facts = read_facts(machine.root, machine.accounts, nothing())
    return [
        *(
            Drift(Subject.USER, f"user {name}", what)
            for name, owned in state.users.items()
            for what in _user(facts, name, owned)
        ),
        *(
            Drift(Subject.GROUP, f"group {name}", what)
            for name, owned in state.groups.items()
            for what in _group(facts, name, owned)
        ),
    ]


def _user(facts: Facts, name: str, owned: OwnedUser) -> Iterator[str]:
    line = facts.lines(USERS).first(name)
    entry = PasswdEntry.parse(line) if line is not None else None
    if entry is None:
        if owned.declared:
            yield "is missing"
        return
    if entry.uid != owned.uid:
        yield f"has number {entry.uid} instead of {owned.uid}"
        return
    shadow_line = facts.lines(SHADOW).first(name)
    shadow = ShadowEntry.parse(shadow_line) if shadow_line is not None else None
    if SHADOW in facts.databases:
        yield from _password(entry, shadow_line, shadow, owned)
    now = {"description": entry.description, "gid": str(entry.gid), "home": entry.home, "shell": entry.shell}
    if shadow is not None:
        now["expires"] = shadow.expires
    for field, value in owned.values.items():
        if field == "expires" and field in now and now[field] != value:
            yield f"expires {show_day(now[field])} instead of {show_day(value)}"
        elif field in now and now[field] != value:
            yield f"has {_NAMES.get(field, field)} {now[field] or 'empty'} instead of {value or 'empty'}"
    if owned.declared and owned.has_home and facts.owner_of(entry.home) is None:
        yield f"has no home: {entry.home} is missing"
    if owned.lingers is not None and (name in facts.lingering) != owned.lingers:
        yield "has services that run without a login" if owned.lingers is False else "has lost its lingering services"
    for path, lines in ((SUBUID, owned.sub_uids), (SUBGID, owned.sub_gids)):
        if owned.declared and not set(lines) <= set(facts.lines(path).lines):
            yield f"has lost its ids in {path}"


def _password(entry: PasswdEntry, line: str | None, shadow: ShadowEntry | None, owned: OwnedUser) -> Iterator[str]:
    if line is None:
        if owned.created or "password" in owned.values:
            yield f"has no line in {SHADOW}"
        return
    password = entry.password_beside(shadow)
    if owned.locked is not None and not password.startswith("!"):
        yield "is not locked any more"
    if owned.values.get("password", password) != password:
        yield "has another password"


def _group(facts: Facts, name: str, owned: OwnedGroup) -> Iterator[str]:
    line = facts.lines(GROUP).first(name)
    entry = GroupEntry.parse(line) if line is not None else None
    if entry is None:
        if owned.declared:
            yield "is missing"
    elif entry.gid != owned.gid:
        yield f"has number {entry.gid} instead of {owned.gid}"
    elif lost := [member for member in owned.members if member not in entry.members]:
        yield f"has lost {', '.join(lost)}"
