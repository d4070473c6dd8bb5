"""Which numbers new accounts get: login.defs(5)."""

from __future__ import annotations

from collections.abc import Mapping

from system_manager.base.records import record

LOGIN_DEFS = "/etc/login.defs"


@record(frozen=True)
class IdRange:
    """Numbers from ``first`` to ``last``, both included."""

    first: int
    last: int


@record(frozen=True)
class IdRanges:
    """The ranges of one machine. ``subordinate`` is for the start of ranges of ``subordinate_count`` numbers; where
    that is 0, nobody is given one unasked."""

    system_users: IdRange = IdRange(101, 999)
    users: IdRange = IdRange(1000, 60000)
    system_groups: IdRange = IdRange(101, 999)
    groups: IdRange = IdRange(1000, 60000)
    subordinate: IdRange = IdRange(100_000, 600_100_000)
    subordinate_count: int = 65536


def parse_login_defs(text: str) -> IdRanges:
    """The ranges that a login.defs says, with the defaults of shadow-utils for what it does not say."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and not words[0].startswith("#"):
            try:
                found[words[0]] = int(words[1], 0)
            except ValueError:
                continue
    first_user, first_group = found.get("UID_MIN", 1000), found.get("GID_MIN", 1000)
    return IdRanges(
        system_users=_range(found, "SYS_UID", 101, first_user - 1),
        users=_range(found, "UID", 1000, 60000),
        system_groups=_range(found, "SYS_GID", 101, first_group - 1),
        groups=_range(found, "GID", 1000, 60000),
        subordinate=_range(found, "SUB_UID", 100_000, 600_100_000),
        subordinate_count=max(0, found.get("SUB_UID_COUNT", 65536)),
    )


def _range(found: Mapping[str, int], name: str, first: int, last: int) -> IdRange:
    return IdRange(found.get(f"{name}_MIN", first), found.get(f"{name}_MAX", last))
