"""Compiled code on disk: used when it is whole and ours, and ignored in every other case."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from system_manager.language.evaluator import Evaluator
from tests.language.evaluation import evaluate, make_evaluator

TEXT = "let f = { a, b ? 2 }: a + b; in [ (f { a = 1; }) (builtins.functionArgs f) ]"
VALUE = "[ 3 { a = false; b = true; } ]"


def run(directory: Path, text: str = TEXT) -> Evaluator:
    evaluator = make_evaluator(directory)
    assert evaluate(text, evaluator) == VALUE
    return evaluator


def was_parsed(evaluator: Evaluator) -> bool:
    return any(program.is_analysed for program in evaluator.programs())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A cache that holds the program."""
    directory = tmp_path / "parent" / "code"
    assert was_parsed(run(directory))
    return directory


def entry(directory: Path) -> Path:
    [found] = directory.iterdir()
    return found


def test_the_second_run_does_not_parse(directory: Path) -> None:
    assert not was_parsed(run(directory))


def test_literals_without_code_are_kept(tmp_path: Path) -> None:
    text = f"[ {' '.join(map(str, range(60)))} null 1.5 {{ a = [ true ]; }} ]"
    evaluators = [make_evaluator(tmp_path) for _ in range(2)]
    assert [evaluate(text, evaluator) for evaluator in evaluators] == [text, text]
    assert [was_parsed(evaluator) for evaluator in evaluators] == [True, False]


def test_what_another_run_needs_is_added(directory: Path) -> None:
    text = "x: if x then 1 + x else (y: y + 2) 1"
    for argument, expected in (("false", "3"), ("true", None), ("false", "3")):
        evaluator = make_evaluator(directory)
        if expected:
            assert evaluate(f"({text}) {argument}", evaluator) == expected


def test_only_we_can_read_it(directory: Path) -> None:
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(directory).stat().st_mode) == 0o600


def test_another_text_is_another_entry(directory: Path) -> None:
    run(directory, TEXT + " ")
    assert len(list(directory.iterdir())) == 2


@pytest.mark.parametrize("length", [0, 1, 20, 40, 60, 200, -1])
def test_a_torn_entry_is_replaced(directory: Path, length: int) -> None:
    whole = entry(directory).read_bytes()
    entry(directory).write_bytes(whole[:length])
    assert was_parsed(run(directory))
    assert not was_parsed(run(directory))


@pytest.mark.parametrize("offset", [0, 25, 40, 100, -1])
def test_a_changed_entry_is_replaced(directory: Path, offset: int) -> None:
    data = bytearray(entry(directory).read_bytes())
    data[offset] ^= 1
    entry(directory).write_bytes(data)
    assert was_parsed(run(directory))


def test_an_entry_of_another_format_is_replaced(directory: Path) -> None:
    data = entry(directory).read_bytes()
    entry(directory).write_bytes(data.replace(b"code 6", b"code 1", 1))
    assert was_parsed(run(directory))
    assert entry(directory).read_bytes().startswith(data.split(b"\n")[0])


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_entry_that_others_can_write_is_not_read(directory: Path, mode: int) -> None:
    entry(directory).chmod(mode)
    assert was_parsed(run(directory))


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
def test_a_directory_that_others_can_write_is_not_used(directory: Path, mode: int) -> None:
    directory.chmod(mode)
    before = entry(directory).stat()
    assert was_parsed(run(directory))
    assert entry(directory).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that belongs to somebody else")
def test_an_entry_of_another_user_is_not_read(directory: Path) -> None:
    os.chown(entry(directory), 12345, 12345)
    assert was_parsed(run(directory))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a directory that belongs to somebody else")
def test_a_directory_of_another_user_is_not_used(directory: Path) -> None:
    os.chown(directory, 12345, 12345)
    assert was_parsed(run(directory))


def test_a_link_is_not_followed(directory: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    entry(directory).rename(elsewhere)
    (directory / entry_name_of(elsewhere, directory)).symlink_to(elsewhere)
    assert was_parsed(run(directory))


def entry_name_of(_moved: Path, directory: Path) -> str:
    """The name that the cache gives the program's entry, found by writing it again."""
    run(directory)
    name = entry(directory).name
    entry(directory).unlink()
    return name


def test_a_pipe_in_the_way_does_not_hang(directory: Path) -> None:
    name = entry(directory).name
    entry(directory).unlink()
    os.mkfifo(directory / name)
    assert was_parsed(run(directory))


def test_a_linked_directory_is_not_used(directory: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(directory)
    assert was_parsed(run(link))


def test_a_file_in_place_of_the_directory_is_no_error(tmp_path: Path) -> None:
    place = tmp_path / "code"
    place.write_text("not a directory")
    assert was_parsed(run(place))
    assert place.read_text() == "not a directory"


def test_a_full_or_read_only_disk_is_no_error() -> None:
    assert was_parsed(run(Path("/proc/nowhere/code")))


def test_errors_have_the_same_places_with_kept_code(tmp_path: Path) -> None:
    from system_manager.language.errors import EvaluationError

    text = "let f = x: x.missing; in { a = f { present = 1; }; }"
    rendered = []
    for _ in range(3):
        with pytest.raises(EvaluationError) as caught:
            evaluate(text, make_evaluator(tmp_path / "code"))
        rendered.append(caught.value.render(show_trace=True))
    assert rendered[0] == rendered[1] == rendered[2]
    assert "«string»:1:12" in rendered[0]
