"""Processes that end: commands of somebody else's, and work that is done as somebody else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from system_manager.base.errors import SystemManagerError
from system_manager.base.identity import Identity, NoAnswerError, each_as
from system_manager.base.process import CLEAN_ENVIRONMENT, CommandFailedError, Ended, run, run_bounded, supervise
from tests.conftest import unavailable


def bounded(text: str, seconds: float = 60, **more: int) -> Ended:
    command = ["/bin/sh", "-c", text]
    return run_bounded(command, variables=CLEAN_ENVIRONMENT, seconds=seconds, checkpoint=lambda: None, **more)


def ended_when_it_had_begun(text: str, **more: int) -> Ended:
    """What runs out of its time is given enough to say something: on a machine with other work, more of it."""
    seconds = 0.5
    while not (ended := bounded(text, seconds, **more)).output and seconds < 60:
        seconds *= 2
    return ended


@pytest.mark.parametrize(("number", "name"), [(15, "SIGTERM"), (40, "signal 40")])
def test_a_command_that_is_killed(number: int, name: str) -> None:
    with pytest.raises(CommandFailedError, match=f"/bin/sh was killed by {name}"):
        run(["/bin/sh", "-c", f"kill -{number} $$"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", Ended(0, "")),
        ("echo out; echo errors >&2; exit 3", Ended(3, "out\nerrors\n")),
        ("kill -TERM $$", Ended(-signal.SIGTERM, "")),
        ("exec >&- 2>&-; sleep 0.3; exit 4", Ended(4, "")),  # who closes its output has not ended
        ("read x; echo $?", Ended(0, "1\n")),  # nothing comes in
        ("pwd; echo $HOME $USER; env | wc -l", Ended(0, "/\n/root root\n6\n")),  # and PWD
        ("printf '\\377'", Ended(0, "\ufffd")),
        # what stays in the background does not keep it, and is gone afterwards
        ("sleep 1000 & echo started", Ended(0, "started\n")),
    ],
)
def test_a_command_that_ends(text: str, expected: Ended) -> None:
    began = time.monotonic()
    assert bounded(text, 600) == expected
    assert time.monotonic() - began < 300


@pytest.mark.parametrize(
    "text",
    ["exec sleep 1000", "sleep 1000; true", "trap '' TERM HUP INT; while :; do sleep 1; done", "exec >&-; sleep 1000"],
)
def test_a_command_that_does_not_end(text: str) -> None:
    assert ended_when_it_had_begun(f"echo begun; {text}") == Ended(None, "begun\n")


def test_only_the_end_of_much_output_is_kept() -> None:
    ended = bounded("yes | head -c 3000000; echo last", kept_bytes=100)
    assert (ended.status, len(ended.output), ended.output[-5:]) == (0, 100, "last\n")
    endless = ended_when_it_had_begun("exec yes", kept_bytes=100)
    assert (endless.status, len(endless.output)) == (None, 100)


def test_nothing_of_a_command_is_left() -> None:
    ended = bounded("(trap '' TERM; exec sleep 4711) & sleep 0.2; echo $!")
    process = int(ended.output)
    deadline = time.monotonic() + 60
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        while b"4711" in Path(f"/proc/{process}/cmdline").read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_wait_is_ended_from_outside() -> None:
    calls = 0

    def checkpoint() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise SystemManagerError("stop")

    with pytest.raises(SystemManagerError, match="stop"):
        run_bounded(["/bin/sleep", "1000"], variables={}, seconds=1000, checkpoint=checkpoint)
    with pytest.raises(OSError, match="No such file"):
        run_bounded(["/no/such/program"], variables={}, seconds=1, checkpoint=checkpoint)


def test_a_signal_reaches_a_command_that_is_only_being_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def interrupted(*arguments: Any, **more: Any) -> subprocess.Popen[str]:
        os.kill(os.getpid(), signal.SIGTERM)
        return start(*arguments, **more)

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    assert supervise(["/bin/sleep", "1000"], lambda _line: None).status == -signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


NOBODY, DAEMON = Identity(65534, 65534), Identity(1, 1)


def as_each(
    work: dict[Identity, Callable[[], bytes]], seconds: float = 60, checkpoint: Callable[[], None] = lambda: None
) -> dict[Identity, bytes | str]:
    if os.geteuid() != 0:
        unavailable("needs root, to become somebody else")

    def variables(who: Identity) -> dict[str, str]:
        return {"WHO": str(who.uid)}

    answers = each_as(work, variables=variables, seconds=seconds, checkpoint=checkpoint)
    return {who: str(answer.what) if isinstance(answer, NoAnswerError) else answer for who, answer in answers.items()}


def who_am_i() -> bytes:
    ids = [*os.getresuid(), *os.getresgid(), *os.getgroups()]
    open_files = [path for path in Path("/proc/self/fd").iterdir() if int(path.name) > 3]
    text = f"{ids} {dict(os.environ)} {Path.cwd()} {len(open_files) <= 1}"  # the listing itself is one
    return text.encode()


def test_work_is_done_as_somebody_else() -> None:
    with Path("/etc/shadow").open("rb"):  # which the other one must not inherit
        answers = as_each({NOBODY: who_am_i, DAEMON: who_am_i})
    assert answers[NOBODY] == f"{[65534] * 7} {{'WHO': '65534'}} / True".encode()
    assert answers[DAEMON] == f"{[1] * 7} {{'WHO': '1'}} / True".encode()
    assert os.geteuid() == 0


def become_root_again() -> bytes:
    os.setuid(0)
    return b"root"


def read_a_secret() -> bytes:
    return Path("/etc/shadow").read_bytes()


def fail() -> bytes:
    raise SystemManagerError("it did not work", where="/here")


def hang() -> bytes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(1000)
    return b""


def children() -> set[str]:
    """The processes that this one started, those that nobody has waited for included."""
    return {pid for thread in Path("/proc/self/task").iterdir() for pid in (thread / "children").read_text().split()}


def end_early() -> bytes:
    os._exit(0)


def much() -> bytes:
    return b"x" * 3_000_000


@pytest.mark.parametrize(
    ("work", "seconds", "answer"),
    [
        (become_root_again, 600, "PermissionError: [Errno 1] Operation not permitted"),
        (read_a_secret, 600, "PermissionError: [Errno 13] Permission denied: '/etc/shadow'"),
        (fail, 600, "it did not work: /here"),
        (hang, 5, "no answer within 5 s"),
        (end_early, 600, "no answer within 600 s"),
        (much, 600, b"x" * 3_000_000),
    ],
)
def test_who_does_not_answer_holds_nobody_up(work: Callable[[], bytes], seconds: float, answer: bytes | str) -> None:
    before = children()
    began = time.monotonic()
    assert as_each({NOBODY: work, DAEMON: lambda: b"fine"}, seconds) == {NOBODY: answer, DAEMON: b"fine"}
    assert time.monotonic() - began < 300
    assert children() <= before  # nobody is left


def test_more_users_than_are_asked_at_once() -> None:
    many = {Identity(10_000 + number, 10_000): (lambda: str(os.getuid()).encode()) for number in range(70)}
    assert as_each(dict(many), 60) == {who: str(who.uid).encode() for who in many}


def test_asking_is_ended_from_outside() -> None:
    def stop() -> None:
        raise SystemManagerError("stop")

    with pytest.raises(SystemManagerError, match="stop"):
        as_each({NOBODY: hang}, 1000, stop)
    assert subprocess.run(["pgrep", "-P", str(os.getpid()), "-u", "65534"], check=False).returncode == 1
