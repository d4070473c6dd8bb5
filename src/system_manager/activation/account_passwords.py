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
    Without, the initial ones are no weaker than the others of their kind, as on NixOS. In place of a file that
    cannot be read the hash counts and not the clear text, as there.

    :param now: the account's password; None for an account that is to be made.
    """
    path = user.hashed_password_file
    text = draft.facts.password_files.get(path) if path is not None else None
    if path is not None and text is not None:
        return _checked(draft, name, path, text)
    is_without_file = path is not None
    if is_without_file and now is not None:
        draft.notices.append(f"the password of {name} stays as it is: {path} cannot be read")
        return None
    found = next(
        (option for option in _options(draft, user, hashed_only=is_without_file) if option[0] is not None), None
    )
    if is_without_file:
        what = "is not set" if found is None else "is what a weaker option says"
        draft.notices.append(f"the password of {name} {what}: {path} cannot be read")
    if found is None or found[0] is None:
        return None
    return hash_password(found[0], now or "") if found[1] else found[0]


def _options(draft: Draft, user: User, *, hashed_only: bool) -> list[tuple[str | None, bool]]:
    """The options besides the file, the strongest first, and whether they are clear text."""
    password, initial = (user.password, True), (user.initial_password, True)
    hashed, initial_hashed = (user.hashed_password, False), (user.initial_hashed_password, False)
    if draft.manifest.mutable_users:
        return [*([] if hashed_only else [password]), hashed, initial, initial_hashed]
    return [*([] if hashed_only else [password, initial]), hashed, initial_hashed]


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
