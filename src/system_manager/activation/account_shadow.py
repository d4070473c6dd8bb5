"""Planning what is in shadow(5): the password, the day on which an account expires, and locking.

The line that is missing there is made when something has to be said in it; and a hash in passwd(5) moves there then,
since whatever shadow(5) says does not count beside it (pam_unix(8)).
"""

from __future__ import annotations

import datetime

from system_manager.activation.account_facts import Draft
from system_manager.activation.account_passwords import UNUSABLE
from system_manager.activation.state import Locked
from system_manager.base.records import replace
from system_manager.host.account_files import SHADOW, SHADOWED, USERS, PasswdEntry, ShadowEntry

_EXPIRED = "1"  # a day in 1970; usermod(8) advises it, since a locked password alone leaves ssh keys working
_EPOCH = datetime.date(1970, 1, 1)
_LAST_DAY = (datetime.date.max - _EPOCH).days


def field_of_day(day: str | None) -> str:
    """Field 8 of shadow(5) for a day, YYYY-MM-DD."""
    if day is None:
        return ""
    # Before the second day of 1970 the field would mean "never", or as shadow(5) says nobody knows what.
    return str(max(1, (datetime.date.fromisoformat(day) - _EPOCH).days))


def show_day(days: str) -> str:
    """Field 8 of shadow(5) for people."""
    return str(_EPOCH + datetime.timedelta(days=int(days))) if days.isdigit() and int(days) <= _LAST_DAY else "never"


def shadow_line(draft: Draft, name: str) -> tuple[str | None, ShadowEntry | None]:
    """The line that counts, and what it says; the second is None when it makes no sense, too."""
    line = draft.facts.lines(SHADOW).first(name)
    return line, ShadowEntry.parse(line) if line is not None else None


def has_no_line(draft: Draft, name: str) -> bool:
    """Whether a line has to be made before anything can be said in it."""
    return SHADOW in draft.facts.databases and draft.facts.lines(SHADOW).first(name) is None


def makes_no_sense(draft: Draft, name: str) -> bool:
    """Whether there is a line in which nothing can be said."""
    line, shadow = shadow_line(draft, name)
    return line is not None and shadow is None


def password_and_expiry(draft: Draft, entry: PasswdEntry) -> tuple[str, str]:
    """As they are now."""
    _, shadow = shadow_line(draft, entry.name)
    return entry.password_beside(shadow), shadow.expires if shadow is not None else ""


def write_shadow(
    draft: Draft, entry: PasswdEntry, *, password: str | None, expires: str | None, unlock: Locked | None = None
) -> PasswdEntry:
    """Plan another password or day, None for those that stay; returns what passwd(5) has to say beside it."""
    line, shadow = shadow_line(draft, entry.name)
    if (line is not None and shadow is None) or SHADOW not in draft.facts.databases:
        return entry
    before = shadow if shadow is not None else ShadowEntry(entry.name, UNUSABLE)
    if entry.password != SHADOWED:
        before = replace(before, password=entry.password)
    after = before
    if unlock is not None:
        # Where somebody unlocked it by hand, it stays as they left it.
        if unlock.prefixed and after.password.startswith("!"):
            after = replace(after, password=after.password.removeprefix("!"))
        if after.expires == _EXPIRED:
            after = after.with_expiry(unlock.expires)
    if password is not None:
        after = replace(after, password=password)
    if expires is not None:
        after = after.with_expiry(expires)
    if after == before and not (shadow is None and password is not None):
        return entry
    draft.edit(SHADOW, line, after.print())
    return replace(entry, password=SHADOWED)


def lock_account(draft: Draft, entry: PasswdEntry, before: Locked | None) -> tuple[Locked | None, bool]:
    """Plan that an account is locked, once; what somebody unlocked is locked again only when that is asked for.

    Returns how it was before it was locked, and whether this is planned now.
    """
    if SHADOW in draft.facts.unreadable:
        return before, False
    if before is not None and draft.manifest.mutable_users and not draft.repair:
        return before, False
    line, shadow = shadow_line(draft, entry.name)
    if SHADOW not in draft.facts.databases or (line is not None and shadow is None):
        what = "no line" if line is None else "a line without sense"
        draft.notices.append(f"{entry.name} cannot be locked: it has {what} in {SHADOW}")
        return None, False
    password, expires = password_and_expiry(draft, entry)
    is_locked = password.startswith("!") and line is not None
    if before is not None and is_locked:
        return before, False
    prefixed = not password.startswith("!") and not (line is None and entry.password == SHADOWED)
    new = f"!{password}" if prefixed else password or UNUSABLE
    draft.edit(USERS, entry.print(), write_shadow(draft, entry, password=new, expires=_EXPIRED).print())
    return Locked(expires, prefixed), True
