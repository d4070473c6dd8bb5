"""Directories of ours that go as a whole, and what somebody else does with them meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.activation import faults
from tests.activation.image import Image
from tests.activation.scenario import Result, Run, Scenario, below, run, tree
from tests.activation.test_obstacles import chattr, mounted, with_flag
from tests.conftest import unavailable

STATE = "/var/lib/system-manager"
EDITED = f"{STATE}/backups/edited"

SCENARIO = """
[store]
one = "first"
two = "second"
[before]
"/etc/theirs" = "x"
[[step]]
do = "activate"
files = [
    { kind = "copy", target = "/etc/d/a", source = "/nix/store/one", mode = "0600", user = "alice" },
    { kind = "link", target = "/etc/d/b", source = "/nix/store/two" },
    { kind = "copy", target = "/etc/d/e/c", source = "/nix/store/one", mode = "0644" },
]
"""

Action = Callable[[], object]


@pytest.fixture
def going(tmp_path: Path) -> Run:
    """A machine with a directory of ours in another one; what follows takes both away."""
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    return prepared(tmp_path)


def prepared(directory: Path) -> Run:
    scenario = directory / "scenario.toml"
    scenario.write_text(SCENARIO)
    machine = Run(Scenario(scenario), directory / "machine")
    result = machine.do(machine.steps[0])
    assert result is not None
    assert result.exit_code == 0, result.text
    return machine


@contextlib.contextmanager
def around_renames(
    path: Path, *, before: Action = lambda: None, after: Action = lambda: None, fails: int = 0
) -> Iterator[None]:
    """Do something right before or after a path is renamed, or have that fail with a number."""
    rename = os.rename

    def call(old: str, new: str) -> None:
        if old != str(path):
            rename(old, new)
            return
        before()
        if fails:
            raise OSError(fails, os.strerror(fails), old)
        rename(old, new)
        after()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", call)
        yield


def deactivate(going: Run) -> Result:
    return run(going.root, "deactivate")


def paths(root: Path, directory: str) -> dict[str, str]:
    """Every path below a directory, with texts of files."""
    top = below(root, directory)
    found = [each for each in sorted(top.rglob("*")) if not each.is_dir()]
    return {str(each.relative_to(top)): each.read_text() if not each.is_symlink() else "->" for each in found}


def assert_nothing_is_left(root: Path) -> None:
    assert not below(root, f"{STATE}/undo").exists()
    assert not below(root, f"{STATE}/journal.json").exists()
    assert not list(below(root, "/etc").rglob(".*"))


def test_a_directory_is_one_change(going: Run) -> None:
    moved = []
    rename = os.rename
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", lambda old, new: (moved.append(old), rename(old, new)))
        assert deactivate(going).exit_code == 0
    assert [path.removeprefix(str(going.root)) for path in moved if "/etc/" in path] == ["/etc/d/e", "/etc/d"]
    assert paths(going.root, "/etc").keys() >= {"theirs"}
    assert not below(going.root, "/etc/d").exists()
    assert_nothing_is_left(going.root)


def test_what_somebody_puts_into_it_stays_where_it_is(going: Run) -> None:
    directory = below(going.root, "/etc/d")
    with around_renames(directory, before=lambda: (directory / "theirs").write_text("theirs")):
        assert deactivate(going).exit_code == 0
    assert paths(going.root, "/etc/d") == {"theirs": "theirs"}
    assert_nothing_is_left(going.root)


def test_what_somebody_changes_in_it_is_noticed(going: Run) -> None:
    before = tree(going.root, times=True)
    edited = below(going.root, "/etc/d/a")
    with around_renames(below(going.root, "/etc/d"), before=lambda: edited.write_text("theirs")):
        result = deactivate(going)
    assert (result.exit_code, result.result["error"]["where"]) == (3, "/etc/d/a")
    after = tree(going.root, times=True)
    assert after.pop("/etc/d/a").content == "theirs"
    before.pop("/etc/d/a")
    assert after == before
    assert_nothing_is_left(going.root)


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_is_put_into_it_by_who_has_it_open_is_not_lost(is_kept: bool, going: Run) -> None:
    directory = below(going.root, "/etc/d")
    opened = os.open(directory, os.O_RDONLY)

    def put() -> None:
        os.close(os.open("theirs", os.O_CREAT | os.O_WRONLY, dir_fd=opened))

    state = below(going.root, f"{STATE}/state.json.new")
    with contextlib.ExitStack() as held:
        held.callback(os.close, opened)
        held.enter_context(around_renames(directory, after=put))
        if is_kept:
            # After it was looked at: the commit comes much later.
            held.enter_context(pytest.MonkeyPatch.context()).setattr(
                "system_manager.activation.directory_changes.holds_only", lambda *_: True
            )
        else:
            held.enter_context(around_renames(state, fails=errno.EIO))
        result = deactivate(going)
    if is_kept:
        assert result.exit_code == 0
        (kept,) = paths(going.root, EDITED)
        assert kept.endswith("/etc/d/theirs")
        assert "they are kept in" in result.text
        assert not directory.exists()
    else:
        assert result.exit_code == 3
        assert paths(going.root, "/etc/d") == {"a": "first", "b": "->", "e/c": "first", "theirs": ""}
    assert_nothing_is_left(going.root)


def test_a_directory_that_somebody_makes_again_is_filled_again(going: Run) -> None:
    directory = below(going.root, "/etc/d")
    before = tree(going.root, times=True)

    def make() -> None:
        directory.mkdir()
        (directory / "a").write_text("theirs")
        (directory / "more").write_text("theirs")

    state = below(going.root, f"{STATE}/state.json.new")
    with around_renames(directory, after=make), around_renames(state, fails=errno.EIO):
        assert deactivate(going).exit_code == 3
    after = tree(going.root, times=True)
    assert after.pop("/etc/d/more").content == "theirs"
    assert [path for path in paths(going.root, EDITED) if path.endswith("/etc/d/a")]
    assert {path: entry for path, entry in after.items() if not path.startswith(EDITED)} == before
    assert_nothing_is_left(going.root)


class CutOff(BaseException):
    """The run ends here, and nothing that it does on the way out reaches the disk."""


def cut_off_at(index: int) -> Callable[[int, str], None]:
    def before(now: int, _name: str) -> None:
        if now >= index:
            raise CutOff

    return before


@pytest.mark.parametrize("disturbance", [lambda index: faults.fails_once_at(index, errno.EIO), cut_off_at])
def test_a_directory_that_cannot_be_moved_goes_file_by_file(
    disturbance: Callable[[int], Callable[[int, str], None]], place: Path
) -> None:
    """As on an overlay file system; and disturbed at every change."""
    going = prepared(place)
    root, before, image = going.root, tree(going.root, times=True), Image(going.root)
    for index in range(1000):
        exit_code = None
        with cannot_be_moved(root), faults.intercepted(disturbance(index)) as count, contextlib.suppress(CutOff):
            exit_code = deactivate(going).exit_code
        if below(root, f"{STATE}/journal.json").exists():
            assert run(root, "recover").exit_code == 0
        assert_nothing_is_left(root)
        if below(root, "/etc/d").exists():
            assert exit_code != 0
            assert tree(root, times=True) == before
        else:
            assert exit_code in {0, None}
        if count() <= index:
            break
        image.put(root)
    assert index > 20
    assert exit_code == 0


@contextlib.contextmanager
def cannot_be_moved(root: Path) -> Iterator[None]:
    deep, above = below(root, "/etc/d/e"), below(root, "/etc/d")
    with around_renames(deep, fails=errno.EXDEV), around_renames(above, fails=errno.EXDEV):
        yield


@pytest.mark.parametrize("flag", ["i", "a"])
def test_a_file_that_cannot_be_removed_is_found_before_anything_is_done(flag: str, going: Run) -> None:
    before, held = tree(going.root, times=True), below(going.root, "/etc/d/e/c")
    with with_flag(held, flag):
        result = deactivate(going)
    assert (result.exit_code, "/etc/d/e/c is" in result.text) == (1, True), result.text
    assert tree(going.root, times=True) == before
    assert deactivate(going).exit_code == 0


@pytest.mark.parametrize("flag", ["i", "a"])
def test_a_file_that_cannot_be_removed_from_then_on_is_found_before_the_commit(flag: str, going: Run) -> None:
    before, held = tree(going.root, times=True), below(going.root, "/etc/d/e/c")

    def hold() -> None:
        chattr(f"+{flag}", held)

    def let_go() -> None:
        chattr(f"-{flag}", held)

    with contextlib.ExitStack() as ending:
        ending.callback(let_go)
        ending.enter_context(around_renames(held.parent, before=hold))
        result = deactivate(going)
    assert (result.exit_code, result.result["error"]["where"]) == (3, "/etc/d/e/c"), result.text
    assert tree(going.root, times=True) == before


def test_a_mount_over_a_file_is_in_the_way(going: Run) -> None:
    before = tree(going.root, times=True)
    with mounted(below(going.root, "/etc/d/e/c")):
        result = deactivate(going)
        assert (result.exit_code, "mounted over" in result.text) == (1, True), result.text
        assert tree(going.root, times=True) == before
    assert deactivate(going).exit_code == 0


@pytest.mark.parametrize("place", ["/etc/d/e", "/etc/d"])
def test_a_mount_over_a_directory_stays_and_so_does_the_directory(place: str, going: Run) -> None:
    with mounted(below(going.root, place)):
        assert deactivate(going).exit_code == 0
        assert paths(going.root, "/etc/d") == {}
        assert_nothing_is_left(going.root)


def test_what_is_kept_is_beside_on_another_mount(going: Run) -> None:
    """No hard link and no rename crosses a mount."""
    with mounted(below(going.root, STATE)):
        assert deactivate(going).exit_code == 0
        assert not below(going.root, "/etc/d").exists()
        assert_nothing_is_left(going.root)
