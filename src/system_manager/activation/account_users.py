"""Planning users that are to be made, and those that are there.

An account that was there before us is somebody's: its number never changes, and of its fields only those that the
configuration itself sets, until it no longer does. An account that we made is locked, never removed, when it leaves
the configuration, so that no other account ever gets its number and its files.
"""

from __future__ import annotations

from system_manager.activation.account_facts import Draft
from system_manager.activation.account_homes import check_shell, is_home, plan_home, plan_linger, release_linger
from system_manager.activation.account_ids import (
    DYNAMIC_IDS,
    Declared,
    Known,
    Ranges,
    allocate_new,
    plan_subordinate,
    release_subordinate,
    tell_subordinate,
)
from system_manager.activation.account_passwords import UNUSABLE, HashPassword, plan_password
from system_manager.activation.account_shadow import (
    field_of_day,
    has_no_line,
    lock_account,
    makes_no_sense,
    password_and_expiry,
    show_day,
    write_shadow,
)
from system_manager.activation.change import Action, Subject
from system_manager.activation.state import SOFTWARE_LINK, Locked, OwnedUser
from system_manager.base.records import replace
from system_manager.generation.manifest import User
from system_manager.host.account_files import (
    GROUP,
    SHADOW,
    SHADOWED,
    USERS,
    GroupEntry,
    PasswdEntry,
    ShadowEntry,
)

NO_LONGER_WANTED = "no longer in the configuration"
NOLOGIN = "/usr/sbin/nologin"
_NAMES = {"gid": "group number"}


def plan_users(draft: Draft, hash_password: HashPassword) -> None:
    """Plan every user that is declared, or that we made or changed once. Groups are planned already."""
    numbers = _new_numbers(draft)
    release_subordinate(draft)
    for name in sorted(draft.manifest.users.keys() | draft.state.users.keys()):
        user = draft.manifest.users.get(name)
        line = draft.facts.lines(USERS).first(name)
        if line is None:
            if user is not None:
                _plan_new(draft, name, user, numbers[name], hash_password)
            elif (owned := draft.state.users[name]).created:
                draft.users[name] = replace_record(owned, declared=False)
            continue
        entry = PasswdEntry.parse(line)
        if entry is None:
            if user is not None:
                draft.refuse(f"users.users.{name}", f"its line in {USERS} makes no sense")
            continue
        owned_now = draft.state.users.get(name)
        if owned_now is not None and owned_now.uid != entry.uid:
            owned_now = None  # somebody removed it and made another one of that name
        if user is not None:
            _plan_declared(draft, entry, user, owned_now, hash_password)
        elif owned_now is not None:
            _plan_undeclared(draft, entry, owned_now)
    tell_subordinate(draft)
    if draft.state.taken_from:
        _plan_lost_shells(draft)


def replace_record(owned: OwnedUser, *, declared: bool) -> OwnedUser:
    """The record of an account that is not there, or no longer declared, and whose number is kept."""
    return OwnedUser(
        owned.uid,
        owned.created,
        declared,
        locked=owned.locked,
        sub_uids=owned.sub_uids,
        sub_gids=owned.sub_gids,
    )


def _new_numbers(draft: Draft) -> dict[str, int | str]:
    entries = (PasswdEntry.parse(line) for line in draft.facts.lines(USERS).lines)
    ranges = draft.facts.ranges
    return allocate_new(
        [(entry.name, entry.uid) for entry in entries if entry is not None],
        {name: Known(owned.uid, owned.created) for name, owned in draft.state.users.items()},
        {name: Declared(user.uid, user.normal) for name, user in draft.manifest.users.items()},
        Ranges(
            ranges.system_users,
            ranges.users,
            draft.facts.is_user_id_taken,
            "usermod --login",
            frozenset({name for name, one in draft.state.users.items() if one.created} - draft.manifest.users.keys()),
        ),
    )


def _group_number(draft: Draft, name: str) -> int | None:
    if name in draft.group_ids:
        return draft.group_ids[name]
    line = draft.facts.lines(GROUP).first(name)
    entry = GroupEntry.parse(line) if line is not None else None
    if entry is not None:
        return entry.gid
    number = draft.facts.group_id(name)
    return None if number in DYNAMIC_IDS else number  # of a service that runs just now


def _refuse_group(draft: Draft, option: str, group: str) -> None:
    if group not in draft.manifest.groups:  # else it was refused itself
        draft.refuse(option, f"there is no group '{group}'; declare users.groups.{group}")


# Accounts that are to be made


def _plan_new(draft: Draft, name: str, user: User, number: int | str, hash_password: HashPassword) -> None:
    option = f"users.users.{name}"
    gid = _group_number(draft, user.group)
    elsewhere = draft.facts.user_id(name)
    if elsewhere is not None and elsewhere not in DYNAMIC_IDS:
        draft.refuse(option, "another name service than /etc/passwd knows this user")
    elif not isinstance(number, int):
        draft.refuse(option, number)
    elif gid is None:
        _refuse_group(draft, option, user.group)
    elif SHADOW not in draft.facts.databases and SHADOW not in draft.facts.unreadable:
        draft.refuse(option, f"there is no {SHADOW} for its password (pwconv(8) makes it)")
    else:
        password = plan_password(draft, name, user, None, hash_password)
        password = UNUSABLE if password is None else password
        shell = user.shell if user.shell is not None else NOLOGIN
        check_shell(draft, name, shell)
        entry = PasswdEntry(name, SHADOWED, number, gid, user.description, user.home, shell)
        stale = draft.facts.lines(SHADOW).first(name)
        draft.edit(SHADOW, stale, ShadowEntry(name, password, expires=field_of_day(user.expires)).print())
        draft.edit(USERS, None, entry.print())
        draft.step(
            Action.CREATE,
            Subject.USER,
            name,
            [f"uid {number}", f"group {user.group}", f"home {user.home}", f"shell {shell}"],
        )
        draft.user_ids[name] = number
        enforced = {} if draft.manifest.mutable_users else {"password": password}
        before = draft.state.users.get(name)
        sub_uids, sub_gids = plan_subordinate(draft, name, user, before, automatic=user.auto_sub_uid_gid_range)
        if user.create_home:
            plan_home(draft, name, user, number, gid)
        draft.users[name] = OwnedUser(
            number,
            created=True,
            values=_values(user, gid, created=True) | enforced,
            originals={} if user.expires is None else {"expires": ""},
            sub_uids=sub_uids,
            sub_gids=sub_gids,
            linger=plan_linger(draft, name, user, before),
            lingers=user.linger,
            has_home=user.create_home and is_home(user.home),
        )


def _values(user: User, gid: int, *, created: bool) -> dict[str, str]:
    """The fields that the configuration decides."""
    wanted = {"description": user.description, "gid": str(gid), "home": user.home}
    if user.shell is not None:
        wanted["shell"] = user.shell
    if user.expires is not None:
        wanted["expires"] = field_of_day(user.expires)
    if created:
        return wanted
    given = {"gid" if field == "group" else field for field in user.given}
    return {field: value for field, value in wanted.items() if field in given}


# Accounts that are there


def _plan_declared(
    draft: Draft, entry: PasswdEntry, user: User, owned: OwnedUser | None, hash_password: HashPassword
) -> None:
    name, option = entry.name, f"users.users.{entry.name}"
    created = owned is not None and owned.created
    gid = _group_number(draft, user.group) if created or "group" in user.given else entry.gid
    if gid is None:
        _refuse_group(draft, option, user.group)
        return
    if user.uid not in {None, entry.uid}:
        draft.notices.append(f"user {name} keeps its number {entry.uid}; the configuration says {user.uid}")
    draft.user_ids[name] = entry.uid
    values = _values(user, gid, created=created)
    current = _current(draft, entry)
    values |= _enforced_password(draft, entry.name, user, current["password"], created=created, hashing=hash_password)
    if values.keys() & {"expires", "password"} and makes_no_sense(draft, name):
        draft.refuse(option, f"its line in {SHADOW} makes no sense")
    restored, originals = _restored(owned, values, current)
    wanted = {**restored, **values}
    needs_line = has_no_line(draft, name)
    if created and needs_line and entry.password == SHADOWED and "password" not in wanted:
        wanted["password"] = plan_password(draft, name, user, None, hash_password) or UNUSABLE
    details = _describe(current, wanted, needs_line=needs_line)
    if "shell" in values and values["shell"] != current["shell"]:
        check_shell(draft, name, values["shell"])
    locked = owned.locked if owned is not None else None
    _write_fields(draft, entry, wanted, unlock=locked)
    if locked is not None:
        draft.step(Action.UNLOCK, Subject.USER, name, details)
    elif details:
        draft.step(Action.REPLACE, Subject.USER, name, details)
    originals |= {field: current[field] for field in _foreign(values, created=created) if field not in originals}
    automatic = user.auto_sub_uid_gid_range and (created or "autoSubUidGidRange" in user.given)
    sub_uids, sub_gids = plan_subordinate(draft, name, user, owned, automatic=automatic)
    has_home = user.create_home and (created or "createHome" in user.given)
    if has_home:
        plan_home(draft, name, user, entry.uid, gid)
    linger = plan_linger(draft, name, user, owned)
    draft.users[name] = OwnedUser(
        entry.uid,
        created,
        values=values,
        originals=originals,
        sub_uids=sub_uids,
        sub_gids=sub_gids,
        linger=linger,
        lingers=user.linger,
        has_home=has_home and is_home(user.home),
    )


def _foreign(values: dict[str, str], *, created: bool) -> list[str]:
    """Fields that have to be put back one day: on an account of ours only the day on which it expires."""
    return [field for field in values if not created or field == "expires"]


def _current(draft: Draft, entry: PasswdEntry) -> dict[str, str]:
    password, expires = password_and_expiry(draft, entry)
    return {
        "description": entry.description,
        "gid": str(entry.gid),
        "home": entry.home,
        "shell": entry.shell,
        "expires": expires,
        "password": password,
    }


def _enforced_password(
    draft: Draft, name: str, user: User, now: str, *, created: bool, hashing: HashPassword
) -> dict[str, str]:
    """Without ``users.mutableUsers`` the configuration decides about the password each time.

    Who was there before us and is given none keeps theirs: nobody is locked out by what a configuration leaves out.
    """
    if draft.manifest.mutable_users or SHADOW in draft.facts.unreadable:
        return {}
    password = plan_password(draft, name, user, now, hashing)
    if password is None:
        is_unreadable = user.hashed_password_file is not None
        return {"password": UNUSABLE} if created and not is_unreadable else {}
    return {"password": password}


def _restored(
    owned: OwnedUser | None, values: dict[str, str], current: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Fields that go back to what they were, and the originals that are still to be remembered.

    What somebody changed after us is theirs, and stays.
    """
    if owned is None:
        return {}, {}
    back = {
        field: original
        for field, original in owned.originals.items()
        if field not in values and current[field] == owned.values.get(field)
    }
    return back, {field: original for field, original in owned.originals.items() if field in values}


def _describe(current: dict[str, str], wanted: dict[str, str], *, needs_line: bool = False) -> list[str]:
    found = [
        f"{_NAMES.get(field, field)} {current[field] or 'empty'} to {wanted[field] or 'empty'}"
        for field in sorted(wanted)
        if wanted[field] != current[field] and field not in {"expires", "password"}
    ]
    if needs_line and "password" in wanted:
        found.append(f"a line in {SHADOW}")
    elif wanted.get("password", current["password"]) != current["password"]:
        found.append("another password")
    if wanted.get("expires", current["expires"]) != current["expires"]:
        found.append(f"expires {show_day(wanted['expires'])}")
    return found


def _write_fields(draft: Draft, entry: PasswdEntry, wanted: dict[str, str], *, unlock: Locked | None) -> None:
    new = replace(
        entry,
        gid=int(wanted.get("gid", entry.gid)),
        description=wanted.get("description", entry.description),
        home=wanted.get("home", entry.home),
        shell=wanted.get("shell", entry.shell),
    )
    password, expires = wanted.get("password"), wanted.get("expires")
    new = write_shadow(draft, new, password=password, expires=expires, unlock=unlock)
    draft.edit(USERS, entry.print(), new.print())


def _plan_lost_shells(draft: Draft) -> None:
    """Another program gave accounts, root's among them, shells that vanish with its software."""
    for line in draft.lines(USERS).lines:
        entry = PasswdEntry.parse(line)
        if entry is None or not entry.shell.startswith(f"{SOFTWARE_LINK}/"):
            continue
        user = draft.manifest.users.get(entry.name)
        if user is not None and user.shell == entry.shell:
            continue
        program = entry.shell.rpartition("/")[2]
        places = (f"{directory}/{program}" for directory in ("/bin", "/usr/bin", "/usr/sbin", "/sbin"))
        shell = next((place for place in places if draft.facts.owner_of(place) is not None), "/bin/sh")
        draft.edit(USERS, line, replace(entry, shell=shell).print())
        reason = f"{entry.shell} goes with what {draft.state.taken_from} installed"
        draft.step(Action.REPLACE, Subject.USER, entry.name, [f"shell {shell}"], reason)


# Accounts that are no longer declared


def _plan_undeclared(draft: Draft, entry: PasswdEntry, owned: OwnedUser) -> None:
    release_linger(draft, entry.name, owned)
    if owned.created:
        locked, is_new = lock_account(draft, entry, owned.locked)
        if is_new:
            reason = f"{NO_LONGER_WANTED}; its files and its number stay"
            draft.step(Action.LOCK, Subject.USER, entry.name, reason=reason)
        draft.users[entry.name] = replace_record(
            OwnedUser(owned.uid, created=True, locked=locked, sub_uids=owned.sub_uids, sub_gids=owned.sub_gids),
            declared=False,
        )
        return
    current = _current(draft, entry)
    wanted, _ = _restored(owned, {}, current)
    _write_fields(draft, entry, wanted, unlock=None)
    if details := _describe(current, wanted):
        draft.step(Action.RESTORE, Subject.USER, entry.name, details, NO_LONGER_WANTED)
