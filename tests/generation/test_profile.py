"""Numbered generations, with the rules of nix-env."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.generation.profile import Profile, ProfileError


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profiles")


def put(profile: Profile, toplevel: str) -> int:
    number = profile.number_for(toplevel)
    profile.add(number, toplevel)
    select(profile, number)
    return number


def select(profile: Profile, number: int) -> None:
    Path(profile.link).unlink(missing_ok=True)
    Path(profile.link).symlink_to(profile.link_name(number))


def test_an_empty_profile(profile: Profile) -> None:
    assert (profile.numbers(), profile.generations(), profile.current_number()) == ([], [], None)
    assert profile.number_for("/nix/store/a") == 1
    with pytest.raises(ProfileError, match="no older generation"):
        profile.previous_number()


def test_numbers_count_up_and_the_same_again_makes_none(profile: Profile) -> None:
    assert [put(profile, f"/nix/store/{name}") for name in "aabba"] == [1, 1, 2, 2, 3]
    assert str(Path(profile.link).readlink()) == "system-manager-3-link"
    assert [(one.number, one.toplevel, one.current) for one in profile.generations()] == [
        (1, "/nix/store/a", False),
        (2, "/nix/store/b", False),
        (3, "/nix/store/a", True),
    ]
    assert all(one.made.tzinfo is not None for one in profile.generations())


def test_going_back_and_on(profile: Profile) -> None:
    for name in "abc":
        put(profile, f"/nix/store/{name}")
    assert profile.previous_number() == 2
    select(profile, 1)
    assert profile.current_number() == 1
    # the newest has it already, the current one has it already, and something new
    assert [profile.number_for(f"/nix/store/{name}") for name in "cad"] == [3, 1, 4]
    assert put(profile, "/nix/store/d") == 4
    assert profile.previous_number() == 3


def test_numbers_are_never_used_again(profile: Profile) -> None:
    for name in "abc":
        put(profile, f"/nix/store/{name}")
    profile.remove(2)
    assert profile.previous_number() == 1
    assert put(profile, "/nix/store/d") == 4


def test_the_current_generation_cannot_be_removed(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    with pytest.raises(ProfileError, match="current"):
        profile.remove(1)
    assert profile.numbers() == [1]


def test_removing_what_is_not_there(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    profile.remove(9)
    assert profile.numbers() == [1]


def test_a_missing_generation_is_named(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    with pytest.raises(ProfileError, match="there is no generation 7"):
        profile.toplevel(7)
    assert profile.current_number() == 1


def test_a_taken_number_is_not_overwritten(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    with pytest.raises(ProfileError, match="is another one"):
        profile.add(1, "/nix/store/b")
    profile.add(1, "/nix/store/a")


def test_a_generation_that_waits_for_being_confirmed(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    profile.add(2, "/nix/store/b")
    assert profile.waiting_number() is None
    Path(profile.directory, profile.waiting_name).symlink_to(profile.link_name(2))
    assert profile.waiting_number() == 2
    assert [(one.number, one.current, one.waiting) for one in profile.generations()] == [
        (1, True, False),
        (2, False, True),
    ]


@pytest.mark.parametrize(
    "name",
    ["system-manager-0-link", "system-manager-waiting",
     "system-manager--link", "system-manager-1", "other-1-link", "system-manager-x-link"],
)  # fmt: skip
def test_other_names_are_no_generations(profile: Profile, name: str) -> None:
    Path(profile.directory).mkdir()
    Path(profile.directory, name).symlink_to("/nix/store/a")
    assert profile.numbers() == []


def test_a_profile_that_points_elsewhere(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    Path(profile.link).unlink()
    Path(profile.link).symlink_to("/somewhere")
    assert profile.current_number() is None
    assert put(profile, "/nix/store/b") == 2


def test_the_profile_link_can_go(profile: Profile) -> None:
    put(profile, "/nix/store/a")
    Path(profile.link).unlink()
    assert (profile.current_number(), profile.numbers()) == (None, [1])
