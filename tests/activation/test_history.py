"""The history: every activation that began is in it once, with how it ended; and it cannot do any harm."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from system_manager.activation import history, transaction
from system_manager.activation.history import Ending
from system_manager.host.root import Root
from tests.activation.scenario import Run, Scenario, below, run, tree
from tests.activation.victim import Victims

SCENARIO = """
    [store]
    one = "1"
    two = "2"
    [[step]]
    do = "activate"
    files = [{ kind = "link", target = "/etc/motd", source = "/nix/store/one" }]
    [[step]]
    do = "activate"
    files = [{ kind = "link", target = "/etc/motd", source = "/nix/store/two" }]
"""


@pytest.fixture
def going(tmp_path: Path) -> Run:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give files other owners")
    path = tmp_path / "x.toml"
    path.write_text(SCENARIO)
    return Run(Scenario(path), tmp_path / "machine")


def entries(going: Run) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = run(going.root, "history").result["activations"]
    return listed


def summary(going: Run) -> list[tuple[Any, ...]]:
    return [
        (entry["verb"], entry["before"], entry["after"], entry["generation"], entry["outcome"])
        for entry in entries(going)
    ]


def test_from_what_to_what(going: Run) -> None:
    one, two = (going.arguments(step) for step in going.steps)
    for arguments in (one, one, two, ["plan", *two[1:]], ["rollback"], ["deactivate"], ["deactivate"]):
        run(going.root, *arguments)
    first, second = "/nix/store/toplevel-1", "/nix/store/toplevel-2"
    assert summary(going) == [
        ("switch", None, first, 1, "changed"),
        ("switch", first, second, 2, "changed"),
        ("rollback", second, first, 1, "changed"),
        ("deactivate", first, None, None, "changed"),
    ]
    assert all(entry["seconds"] >= 0 and entry["time"].endswith("+00:00") for entry in entries(going))
    assert below(going.root, history.HISTORY_FILE).stat().st_mode & 0o777 == 0o600


def test_what_failed_and_why(going: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from system_manager.activation.generation_changes import SelectGeneration

    one, two = (going.arguments(step) for step in going.steps)
    run(going.root, *one)

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(SelectGeneration, "apply", broken)
    assert run(going.root, *two).exit_code == 3
    assert summary(going)[-1] == ("switch", "/nix/store/toplevel-1", "/nix/store/toplevel-2", 1, "rolled-back")
    assert entries(going)[-1]["error"] == os.strerror(errno.EIO)
    assert run(going.root, *two, "--no-rollback").exit_code == 4
    assert summary(going)[-1][-1] == "kept"


def test_a_record_that_was_written_although_it_is_said_to_have_failed(
    going: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network's file system, when the answer is lost and not the question."""
    from system_manager.activation.generation_changes import SelectGeneration

    one, two = (going.arguments(step) for step in going.steps)
    run(going.root, *one)

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def written(root: Root) -> None:
        put_state(root)
        broken()

    put_state = transaction.put_state
    monkeypatch.setattr(transaction, "put_state", written)
    monkeypatch.setattr(SelectGeneration, "apply", broken)
    kept = run(going.root, *two, "--no-rollback")
    assert (kept.exit_code, summary(going)[-1][-1]) == (4, "kept")
    assert below(going.root, "/etc/motd").readlink() == Path("/nix/store/two")
    monkeypatch.undo()
    assert run(going.root, *two).result["outcome"] == "changed"


def test_what_is_left_after_the_end_is_cleaned_up_when_that_is_possible(going: Run) -> None:
    one, two = (going.arguments(step) for step in going.steps)
    run(going.root, *one)
    in_the_way = below(going.root, "/var/lib/system-manager/undo/somebody/s")
    in_the_way.mkdir(parents=True)
    assert "wait until the next run" in run(going.root, *two).text
    result = run(going.root, "status")
    assert result.result["interrupted"]
    refused = run(going.root, "deactivate").result["error"]
    assert refused["what"].startswith("what an earlier run kept for a way back")
    assert str(in_the_way.parent) in refused["what"]
    assert refused["hint"] == "remove the cause, then run the command again"
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    assert "that is done now" in run(going.root, "deactivate").text


def test_each_once_wherever_it_was_killed(going: Run) -> None:
    arguments = going.arguments(going.steps[0])
    with Victims() as victims:
        for index in range(10_000):
            ended = victims.kill(going.root, arguments, at=index)
            recovered = run(going.root, "recover").text
            assert "activate" not in recovered, recovered
            began = bool(tree(going.root).get("/etc/motd"))
            outcomes = [entry["outcome"] for entry in entries(going)]
            assert outcomes == sorted(set(outcomes)), outcomes
            assert ("changed" in outcomes) >= began
            if ended == 0:
                break
            run(going.root, "deactivate")
            below(going.root, history.HISTORY_FILE).unlink(missing_ok=True)


def test_it_cannot_be_written(going: Run) -> None:
    below(going.root, "/var/lib/system-manager").mkdir(mode=0o700)
    below(going.root, history.HISTORY_FILE).mkdir()
    done = run(going.root, *going.arguments(going.steps[0]))
    assert (done.exit_code, done.result["outcome"]) == (0, "changed")
    assert "the history cannot be written" in done.text


def test_damage_is_passed_over(going: Run) -> None:
    run(going.root, *going.arguments(going.steps[0]))
    with below(going.root, history.HISTORY_FILE).open("ab") as file:
        file.write(b'{"time": "cut off\xff\n{"time": "of a later version", "outcome": "improved"}\n')
    run(going.root, "deactivate")
    assert [entry[0] for entry in summary(going)] == ["switch", "deactivate"]


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LARGEST", 10_000)
    root = Root(str(tmp_path))
    below(tmp_path, "/var/lib/system-manager").mkdir(parents=True)
    for number in range(200):
        entry = history.Entry("t", str(number), "switch", None, None, None, None, number, Ending.CHANGED, 0.1)
        history.append(root, entry)
        assert below(tmp_path, history.HISTORY_FILE).stat().st_size < 10_300
    kept = [entry.generation for entry in history.read(root)]
    assert kept == list(range(200 - len(kept), 200))
    assert len(kept) > 20


def test_who(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    assert history.who()[0] == "alice"


@pytest.mark.parametrize(
    ("known", "told", "last"),
    [
        ("changed", "changed", "changed"),
        ("kept", "changed", "kept"),
        ("unconfirmed", "interrupted", "interrupted"),  # the entry outlived a power cut, and the commit did not
        ("changed", "interrupted", "interrupted"),
        ("rolled-back", "interrupted", "rolled-back"),
        ("not-rolled-back", "interrupted", "interrupted"),
    ],
)
def test_what_a_recovery_adds(tmp_path: Path, known: str, told: str, last: str) -> None:
    root = Root(str(tmp_path))
    below(tmp_path, history.DIRECTORY).mkdir(parents=True)
    for outcome, again in ((known, False), (told, True)):
        entry = history.Entry("", "0123456789ab", "switch", None, None, None, None, 1, Ending(outcome), None)
        history.append(root, entry, again=again)
    (remembered,) = history.read(root)
    assert remembered.outcome is Ending(last)
