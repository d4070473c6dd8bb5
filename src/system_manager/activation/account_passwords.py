"""Which password an account gets: field 2 of shadow(5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from system_manager.activation.account_facts import Draft
from system_manager.generation.manifest import User

UNUSABLE = "!"
# As users.users.<name>.hashedPassword is looked at when a configuration is evaluated.
_HASH = re.compile(r"!|!!|\*|!?(\$[^$]+\$[^\s]+|_?[./0-9A-Za-z]{13,20})")

HashPassword = Callable[[str, str], str]
"""Makes the hash of a clear-text password. The second argument is the hash that is there now, which stays where it is
one of the same password; else every activation would make another one."""


def plan_password(draft: Draft, name: str, user: User, now: str | None, hash_password: HashPassword) -> str | None:
    """The password that the configuration gives; None when it gives none, or one that cannot be.

    With ``users.mutableUsers`` the stronger options come first, and the initial ones count when none of them is set.
    Without, the initial ones are no weaker than the others of their kind, as on NixOS.

    :param now: the account's password; None for an account that is to be made.
    """
    if user.hashed_password_file is not None:
        text = draft.facts.password_files.get(user.hashed_password_file)
        if text is None:
            draft.notices.append(f"the password of {name} is not set: {user.hashed_password_file} cannot be read")
            if now is not None:
                return None
        else:
            return _checked(draft, name, user.hashed_password_file, text)
    clear = ((user.password, True), (user.initial_password, True))
    hashed = ((user.hashed_password, False), (user.initial_hashed_password, False))
    order = zip(clear, hashed, strict=True) if draft.manifest.mutable_users else (clear, hashed)
    for text, is_clear in (option for pair in order for option in pair):
        if text is not None:
            return hash_password(text, now or "") if is_clear else text
    return None


def _checked(draft: Draft, name: str, path: str, text: str) -> str | None:
    if ":" in text or "\n" in text:
        draft.refuse(f"users.users.{name}", f"{path} does not hold the hash of a password")
        return None
    if not text:  # of a secret that was not written, more likely than a login without a password that somebody wants
        draft.refuse(f"users.users.{name}", f'{path} is empty; for a login without a password set hashedPassword = ""')
        return None
    if _HASH.fullmatch(text) is None:
        draft.notices.append(f"nobody can log in as {name}: {path} does not hold the hash of a password")
    return text
