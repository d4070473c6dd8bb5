"""The pure planner: a configuration, records and databases in; edits, records and conflicts out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.activation.account_facts import Draft, Facts
from system_manager.activation.account_ids import Declared, Ranges, allocate_new
from system_manager.activation.accounts import draft_accounts
from system_manager.activation.state import OwnedGroup, OwnedUser, State
from system_manager.base.records import replace
from system_manager.generation.manifest import Group, IdRange, Manifest, User
from system_manager.host.account_files import GROUP, SHADOW, SUBGID, SUBUID, USERS, Lines, SubordinateRange
from system_manager.host.login_defs import IdRange as Limits

FACTS = Facts(
    {
        USERS: Lines(("root:x:0:0::/root:/bin/sh", "alice:x:1000:1000::/home/alice:/bin/sh")),
        GROUP: Lines(("root:x:0:", "users:x:100:", "alice:x:1000:")),
        SHADOW: Lines(("root:*:1::::::", "alice:$y$a:1::::::")),
        SUBUID: Lines(),
        SUBGID: Lines(),
    },
    owner_of=lambda _path: 0,
)


def plan(
    users: dict[str, User] | None = None,
    groups: dict[str, Group] | None = None,
    *,
    facts: Facts = FACTS,
    state: State | None = None,
) -> Draft:
    manifest = Manifest(1, users=users or {}, groups=groups or {})
    return draft_accounts(manifest, state or State(), facts, lambda password, _now: f"hash of {password}")


def after(draft: Draft, database: str) -> list[str]:
    return [line for line in draft.lines(database).lines if line not in FACTS.lines(database).lines]


def _lines_of(draft: Draft, database: str, name: str) -> list[str]:
    return [line for line in draft.lines(database).lines if line.startswith(f"{name}:")]


def test_nothing_wanted_is_nothing_done() -> None:
    draft = plan()
    assert (draft.edits, draft.steps, draft.users, draft.groups) == ({}, [], {}, {})


def test_planning_again_after_the_edits_finds_nothing_to_do() -> None:
    users = {"bob": User(group="users", auto_sub_uid_gid_range=True, create_home=True, home="/home/bob")}
    groups = {"app": Group(members=("alice",))}
    first = plan(users, groups)
    done = replace(FACTS, databases={path: first.lines(path) for path in FACTS.databases})
    second = plan(users, groups, facts=done, state=State(users=first.users, groups=first.groups))
    assert (second.edits, second.steps) == ({}, [])
    assert (second.users, second.groups) == (first.users, first.groups)


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (User(group="users"), "!"),
        (User(group="users", initial_hashed_password="weak"), "weak"),
        (User(group="users", initial_hashed_password="weak", initial_password="p"), "hash of p"),
        (User(group="users", initial_password="p", hashed_password="strong"), "strong"),
        (User(group="users", hashed_password="strong", password="q"), "hash of q"),
        (User(group="users", password="q", hashed_password_file="/file"), "filed"),
        (User(group="users", password="q", hashed_password_file="/gone"), "!"),
        (User(group="users", password="q", hashed_password="h", hashed_password_file="/gone"), "h"),
        (User(group="users", password="q", initial_password="p", hashed_password_file="/gone"), "hash of p"),
        (User(group="users", hashed_password=""), ""),
    ],
)
def test_the_strongest_password_option_counts(user: User, password: str) -> None:
    draft = plan({"bob": user}, facts=replace(FACTS, password_files={"/file": "filed", "/gone": None}))
    assert after(draft, SHADOW) == [f"bob:{password}:1::::::"]


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (User(group="users"), "!"),
        (User(group="users", initial_hashed_password="weak", hashed_password="h"), "h"),
        (User(group="users", hashed_password="h", initial_password="p"), "hash of p"),
        (User(group="users", initial_password="p", password="q"), "hash of q"),
        (User(group="users", password="q", hashed_password_file="/file"), "filed"),
        (User(group="users", password="q", initial_password="p", hashed_password_file="/gone"), "!"),
        (User(group="users", password="q", initial_hashed_password="weak", hashed_password_file="/gone"), "weak"),
    ],
)
def test_the_strongest_password_option_counts_without_mutable_users(user: User, password: str) -> None:
    facts = replace(FACTS, password_files={"/file": "filed", "/gone": None})
    manifest = Manifest(1, users={"bob": user}, mutable_users=False)
    draft = draft_accounts(manifest, State(), facts, lambda text, _now: f"hash of {text}")
    assert after(draft, SHADOW) == [f"bob:{password}:1::::::"]


@pytest.mark.parametrize(
    ("users", "facts"),
    [
        ({"bob": User(group="nowhere")}, FACTS),
        ({"bob": User(group="users", uid=1000)}, FACTS),
        ({"bob": User(group="users", uid=7)}, replace(FACTS, is_user_id_taken=lambda number: number == 7)),
        ({"bob": User(group="users")}, replace(FACTS, user_id=lambda _name: 5000)),
        ({"bob": User(group="users", shell="/bin/fish")}, replace(FACTS, owner_of=lambda _path: None)),
        ({"bob": User(group="users")}, replace(FACTS, databases={GROUP: FACTS.lines(GROUP)})),
        ({"bob": User(group="users", hashed_password_file="/f")}, replace(FACTS, password_files={"/f": "a:b"})),
        ({"alice": User(group="nowhere", given=("group",))}, FACTS),
    ],
    ids=["group", "uid", "uid-of-another-service", "name-of-another-service", "shell", "shadow", "file", "adopted"],
)
def test_what_cannot_be_is_refused(users: dict[str, User], facts: Facts) -> None:
    draft = plan(users, facts=facts)
    assert [conflict.target for conflict in draft.conflicts] == [f"users.users.{name}" for name in users]


def test_a_user_that_only_runs_as_a_dynamic_one_is_made() -> None:
    draft = plan({"bob": User(group="users")}, facts=replace(FACTS, user_id=lambda _name: 64000))
    assert not draft.conflicts


def test_without_being_root_shadow_is_left_out() -> None:
    databases = {path: lines for path, lines in FACTS.databases.items() if path != SHADOW}
    draft = plan(
        {"bob": User(group="users")}, facts=replace(FACTS, databases=databases, unreadable=frozenset({SHADOW}))
    )
    assert not draft.conflicts
    assert SHADOW not in draft.edits
    assert any("only root" in notice for notice in draft.notices)


@pytest.mark.parametrize("field", ["home", "shell", "description"])
def test_an_adopted_account_changes_only_where_it_is_said(field: str) -> None:
    user = User(group="users", home="/elsewhere", shell="/bin/zsh", description="other", given=(field,))
    draft = plan({"alice": user})
    assert list(draft.users["alice"].originals) == [field]
    assert len(after(draft, USERS)) == 1


def test_a_group_that_is_only_ours_keeps_its_record() -> None:
    owned = OwnedGroup(990, created=True, members=("alice",))
    draft = plan(state=State(groups={"app": owned}))
    assert draft.groups == {"app": OwnedGroup(990, created=True, declared=False)}


def test_the_number_of_a_removed_account_of_ours_is_nobody_elses() -> None:
    draft = plan({"bob": User(group="users")}, state=State(users={"app": OwnedUser(999, created=True)}))
    assert draft.user_ids == {"bob": 998}


LIMITS = Limits(10, 14)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(8, 16)),
    st.sets(st.integers(8, 16)),
    st.lists(st.sampled_from("uvwxyz"), unique=True),
)
def test_no_number_is_given_twice(taken: dict[str, int], elsewhere: set[int], names: list[str]) -> None:
    numbers = {number: name for name, number in taken.items()}
    declared = {name: Declared(None, normal=name > "w") for name in names}
    found = allocate_new(list(taken.items()), {}, declared, Ranges(LIMITS, LIMITS, elsewhere.__contains__))
    given_out = [number for number in found.values() if isinstance(number, int)]
    assert len(set(given_out)) == len(given_out)
    assert not set(given_out) & (numbers.keys() | elsewhere)
    assert all(LIMITS.first <= number <= LIMITS.last for number in given_out)
    free = set(range(10, 15)) - numbers.keys() - elsewhere
    assert len(given_out) == min(len(names), len(free))


@given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 200_000)), max_size=6))
def test_automatic_ranges_overlap_nothing(ranges: list[tuple[int, int]]) -> None:
    there = [SubordinateRange("root", start, count) for start, count in ranges]
    databases = {**FACTS.databases, SUBUID: Lines(tuple(one.print() for one in there))}
    draft = plan({"bob": User(group="users", auto_sub_uid_gid_range=True)}, facts=replace(FACTS, databases=databases))
    made = [one for line in _lines_of(draft, SUBUID, "bob") if (one := SubordinateRange.parse(line)) is not None]
    assert len(made) == 1
    assert not any(made[0].overlaps(one) for one in there)
    assert _lines_of(draft, SUBGID, "bob") == [made[0].print()]


def test_explicit_ranges_are_no_conflict_with_the_users_own() -> None:
    user = User(group="users", sub_uid_ranges=(IdRange(500, 10), IdRange(505, 10)))
    assert not plan({"bob": user}).conflicts
