"""The engine as a program: its command line, its exit codes, and runs that get in each other's way."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from system_manager.activation import engine, transaction
from system_manager.activation.arguments import VERBS, Options, parse_arguments
from system_manager.activation.change import Machine
from system_manager.activation.engine import run_engine
from system_manager.activation.generation_changes import SelectGeneration
from system_manager.activation.interruption import InterruptedRunError, Interruption
from system_manager.base.errors import UsageError
from system_manager.generation.event_stream import LineWriter
from system_manager.host.root import Root
from tests.activation.scenario import Run, Scenario, below, run, tree

ENGINE = [sys.executable, "-P", "-m", "system_manager.activation"]

# What takes long to load, and is wanted by the few runs alone that fetch, build or start something.
LATE = {
    "hashlib", "http", "importlib.metadata", "json", "pathlib", "shutil", "subprocess", "tempfile", "threading",
    "urllib", "xml",
    "system_manager.host.apt.manager", "system_manager.host.leftovers", "system_manager.host.package_files",
}  # fmt: skip


@pytest.fixture
def going(tmp_path: Path) -> Run:
    path = tmp_path / "x.toml"
    path.write_text("""
        [store]
        motd = "hello"
        [[step]]
        do = "activate"
        files = [{ kind = "link", target = "/etc/motd", source = "/nix/store/motd" }]
    """)
    if os.geteuid() != 0:
        pytest.skip("needs root, to give files other owners")
    return Run(Scenario(path), tmp_path / "machine")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["plan", "--toplevel", "/nix/store/x"], Options("plan", "/nix/store/x")),
        (["activate", "--toplevel=/nix/store/x", "--no-rollback", "--json"],
         Options("activate", "/nix/store/x", rollback=False)),
        (["rollback", "--to", "3", "--root", "/r", "--store-root", "/s"],
         Options("rollback", to=3, root="/r", store_root="/s")),
        (["deactivate", "--wait", "2.5"], Options("deactivate", wait=2.5)),
        (["status"], Options("status")),
    ],
)  # fmt: skip
def test_arguments(arguments: list[str], expected: Options) -> None:
    assert parse_arguments(arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["frobnicate"], ["--root", "/"], ["activate"], ["plan"], ["register"], ["status", "extra"],
        ["activate", "--toplevel"], ["activate", "--toplevel", "/nix/store/x", "--frobnicate"],
        ["rollback", "--to", "latest"], ["rollback", "--to", "-1"], ["rollback", "--to", "1.5"],
        ["status", "--settle", "soon"], ["status", "--settle", "-1"], ["status", "--unit-timeout", "nan"],
        ["deactivate", "--wait"], ["deactivate", "--wait", "long"], ["deactivate", "--wait", "inf"],
        ["status", "--json=yes"], ["status", "--no-rollback=1"],
        ["activate", "--toplevel", "/nix/store/x", "--confirm", "0.5"], ["rollback", "--confirm", "1e10"],
        ["test", "--toplevel", "/nix/store/x", "--confirm", "60"], ["uninstall", "--confirm", "60"],
        ["deactivate", "--to", "1"], ["rollback", "--repair"], ["status", "--toplevel", "/nix/store/x"],
    ],
)  # fmt: skip
def test_wrong_arguments(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_arguments(arguments)
    output = io.StringIO()
    assert run_engine(arguments, LineWriter(output)) == 2
    assert json.loads(output.getvalue())["result"]["error"]["exitCode"] == 2


def test_every_verb_does_something() -> None:
    assert engine.HANDLERS.keys() == VERBS


def test_help() -> None:
    done = subprocess.run([*ENGINE, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage:")


def test_a_root_that_does_not_exist(tmp_path: Path) -> None:
    assert run(tmp_path / "missing", "status").exit_code == 1


def test_only_root_changes_this_machine() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody else")
    for arguments in (
        ["activate", "--toplevel", "/nix/store/x"],
        ["register", "--toplevel", "/nix/store/x"],
        ["rollback"],
        ["deactivate"],
        ["recover"],
    ):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.setresuid(65534, 65534, 65534)
            with os.fdopen(writer, "w") as output:
                code = run_engine(arguments, LineWriter(output))
            os._exit(int(code))
        os.close(writer)
        with os.fdopen(reader) as lines:
            error = json.loads(lines.read())["result"]["error"]
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
        assert (error["what"], error["exitCode"]) == ("only root can change this machine", 1)


def test_a_toplevel_is_the_same_with_a_slash_behind_it(going: Run) -> None:
    verb, *toplevel = going.arguments(going.steps[0])
    run(going.root, verb, *toplevel)
    toplevel[-1] += "/"
    assert run(going.root, "plan", *toplevel).result["steps"] == []
    assert run(going.root, verb, *toplevel).result["outcome"] == "nothing-to-do"


def test_a_second_run_names_the_first(going: Run) -> None:
    run(going.root, "recover")
    before = tree(going.root)
    lock = below(going.root, "/run/system-manager/lock")
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("switch (process 4711)\n")
        held.flush()
        result = run(going.root, *going.arguments(going.steps[0]))
    assert result.exit_code == 1
    assert "switch (process 4711)" in result.result["error"]["what"]
    assert tree(going.root) == before
    assert run(going.root, *going.arguments(going.steps[0])).exit_code == 0


@pytest.mark.parametrize(("verb", "shown"), [("activate", "switch"), ("populate", "pre-populate"), ("undo", "undo")])
def test_the_lock_says_what_who_and_since_when(
    verb: str, shown: str, going: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    machine = Machine(Root(str(going.root)), observer=LineWriter(io.StringIO()))
    with transaction.locked(machine, verb):
        refused = run(going.root, *going.arguments(going.steps[0]))
        said = refused.result["error"]["what"]
        assert re.match(rf"{shown} by alice since [0-9-]+T[0-9:]+Z \(process {os.getpid()}\) is already", said), said
        assert run(going.root, "status").result["running"].startswith(f"{shown} by alice since ")
    assert run(going.root, "status").result["running"] is None


@pytest.mark.parametrize(
    ("kind", "what"), [("directory", "Is a directory"), ("link", "Too many levels of symbolic links")]
)
def test_something_else_in_the_place_of_the_lock(kind: str, what: str, going: Run) -> None:
    lock = below(going.root, "/run/system-manager/lock")
    lock.parent.mkdir(parents=True)
    if kind == "directory":
        lock.mkdir()
    else:
        lock.symlink_to("/etc/shadow")
    ended = going.do(going.steps[0])
    assert ended is not None
    assert what in ended.result["error"]["what"]
    assert "move that away" in ended.result["error"]["hint"]


def test_a_run_that_failed_does_not_look_like_one_that_goes_on(going: Run) -> None:
    assert run(going.root, "rollback").exit_code == 1
    assert below(going.root, "/run/system-manager/lock").read_text() == ""


def test_what_is_known_may_be_on_another_disk(going: Run) -> None:
    elsewhere = below(going.root, "/srv/system-manager")
    elsewhere.mkdir(mode=0o700, parents=True)
    known = below(going.root, "/var/lib/system-manager")
    known.symlink_to("../../srv/system-manager")
    before = tree(going.root)
    for verb in (going.arguments(going.steps[0]), ["deactivate"], ["uninstall"]):
        assert run(going.root, *verb).exit_code == 0, verb
    assert known.is_symlink()
    assert list(elsewhere.iterdir()) == []
    assert tree(going.root) == before


def test_two_runs_at_once_end_as_one_after_the_other(going: Run) -> None:
    command = [*ENGINE, *going.arguments(going.steps[0]), "--root", str(going.root)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    codes = sorted(process.wait() for process in both)
    assert codes in ([0, 0], [0, 1])
    assert below(going.root, "/etc/motd").is_symlink()
    assert run(going.root, "status").result["drift"] == []


def test_what_is_not_loaded_where_nothing_changes(going: Run) -> None:
    run(going.root, *going.arguments(going.steps[0]))
    done = subprocess.run(
        [*ENGINE, *going.arguments(going.steps[0]), "--root", str(going.root)],
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"nothing-to-do"' in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "system_manager.activation.transaction" in loaded
    assert loaded & LATE == set()


def test_the_reader_of_the_events_goes_away(going: Run) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*ENGINE, *going.arguments(going.steps[0]), "--root", str(going.root)]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert done.returncode == 0, done.stderr
    assert below(going.root, "/etc/motd").is_symlink()


def test_a_signal_is_obeyed_at_a_checkpoint_only() -> None:
    interruption = Interruption()
    with interruption.handled():
        os.kill(os.getpid(), signal.SIGTERM)
        with interruption.deferred():
            interruption.checkpoint()
        with pytest.raises(InterruptedRunError, match="SIGTERM"):
            interruption.checkpoint()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("verb", ["plan", "activate"])
def test_a_signal_before_anything_is_changed(verb: str, number: signal.Signals, going: Run) -> None:
    """While it reads what is wanted: it waits for a manifest that nobody writes."""
    before = tree(going.root)
    manifest = below(going.root, "/nix/store/waiting/manifest.json")
    manifest.parent.mkdir()
    os.mkfifo(manifest)
    command = [*ENGINE, verb, "--toplevel", "/nix/store/waiting", "--root", str(going.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as engine:
        deadline = time.monotonic() + 60
        while (writer := open_if_read(manifest)) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        while engine.poll() is None and time.monotonic() < deadline:
            engine.send_signal(number)  # one that comes between opening and reading does not end the reading
            time.sleep(0.05)
        engine.kill()
        output, errors = engine.communicate()
    if writer is not None:
        os.close(writer)
    manifest.unlink()
    error = json.loads(output.splitlines()[-1])["result"]["error"]
    assert (engine.returncode, error["what"], errors) == (1, f"stopped by {number.name}; nothing was changed", "")
    assert tree(going.root) == before


def test_a_check_that_hangs_is_ended_by_a_signal(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give files other owners")
    path, begun, over = tmp_path / "x.toml", tmp_path / "begun", tmp_path / "over"
    path.write_text(f"""
        [store]
        hangs = {{ text = "#!/bin/sh\\ntrap ': > {over}' TERM; : > {begun}; sleep 1000 & wait\\n", mode = "0755" }}
        [[step]]
        do = "activate"
        preActivationChecks = [{{ name = "hangs", script = "/nix/store/hangs" }}]
    """)
    going = Run(Scenario(path), tmp_path / "machine")
    before = tree(going.root)
    command = [*ENGINE, *going.arguments(going.steps[0]), "--root", str(going.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as engine:
        deadline = time.monotonic() + 60
        while not begun.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        engine.terminate()
        output, _ = engine.communicate(timeout=60)
    error = json.loads(output.splitlines()[-1])["result"]["error"]
    assert (engine.returncode, error["what"]) == (1, "stopped by SIGTERM; nothing was changed")
    assert not over.exists()  # nobody asks it to end: it is gone with all that it has started
    assert tree(going.root) == before


def open_if_read(fifo: Path) -> int | None:
    """Open the other end, when somebody has opened this one to read."""
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_a_lost_terminal_does_not_stop_it() -> None:
    interruption = Interruption()
    with interruption.handled():
        os.kill(os.getpid(), signal.SIGHUP)
        interruption.checkpoint()


def test_a_journal_without_a_header_is_nothing_to_undo(going: Run) -> None:
    run(going.root, *going.arguments(going.steps[0]))
    before = tree(going.root)
    for text in ("", '{"line":"transac'):
        below(going.root, "/var/lib/system-manager/journal.json").write_text(text)
        assert run(going.root, "recover").result["outcome"] == "recovered"
        assert tree(going.root) == before


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nonsense\n", "damaged"),
        ('{"line":"begun","index":0}\n', "damaged"),
        ("\0\0\0\n", "damaged"),
        ('{"line":"transaction","version":1,"transaction":"\\ud800\n', "damaged"),
        (
            '{"line":"transaction","version":99,"transaction":"x","verb":"x","toplevel":null,"process":1,"started":0}\n',
            "was begun by another version",
        ),
    ],
)
def test_a_damaged_journal_stops_everything(text: str, what: str, going: Run) -> None:
    run(going.root, "recover")
    below(going.root, "/var/lib/system-manager").mkdir(mode=0o700)
    below(going.root, "/var/lib/system-manager/journal.json").write_text(text)
    before = tree(going.root)
    result = run(going.root, *going.arguments(going.steps[0]))
    assert result.exit_code == 1
    assert what in result.result["error"]["what"]
    assert tree(going.root) == before


def test_a_file_made_by_somebody_between_plan_and_change_is_not_touched(
    going: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from system_manager.activation import journal

    original = journal.Journal.add

    def somebody_is_quicker(
        self: journal.Journal, changes: list[journal.AnyChange], *, begin: bool, durable: bool
    ) -> str:
        path = original(self, changes, begin=begin, durable=durable)
        below(going.root, "/etc/motd").write_text("theirs")
        return path

    monkeypatch.setattr(journal.Journal, "add", somebody_is_quicker)
    result = run(going.root, *going.arguments(going.steps[0]))
    assert result.exit_code == 3
    assert "somebody else changed this file" in result.result["error"]["what"]
    assert below(going.root, "/etc/motd").read_text() == "theirs"


def test_a_mistake_of_the_program_is_taken_back_too(going: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from system_manager.activation.generation_changes import SelectGeneration

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(SelectGeneration, "apply", broken)
    before = tree(going.root)
    result = run(going.root, *going.arguments(going.steps[0]))
    assert result.exit_code == 3
    assert "ZeroDivisionError" in result.result["error"]["what"]
    assert tree(going.root) == before


def test_what_is_activated_cannot_be_collected_meanwhile(going: Run) -> None:
    """Whoever built it may have ended, and its generation is made last: what a process has open is a root, too."""
    toplevel = below(going.root, "/nix/store/toplevel-1")
    is_open: list[bool] = []

    class Output(io.StringIO):
        def write(self, text: str) -> int:
            is_open.append(toplevel in {path.resolve() for path in Path("/proc/self/fd").iterdir() if path.exists()})
            return super().write(text)

    run_engine([*going.arguments(going.steps[0]), "--root", str(going.root)], LineWriter(Output()))
    assert any(is_open)
    assert not is_open[-1]


def test_what_the_next_boot_goes_to_cannot_be_collected_either(going: Run) -> None:
    root = below(going.root, "/nix/var/nix/gcroots/system-manager-next")
    toplevel = going.arguments(going.steps[0])[1:]
    run(going.root, "boot", *toplevel)
    assert str(root.readlink()) == toplevel[1]
    run(going.root, "recover", "--boot")
    assert not root.is_symlink()
    run(going.root, "deactivate")
    run(going.root, "boot", *toplevel)
    run(going.root, "activate", *toplevel)
    assert not root.is_symlink()


def test_a_failure_is_told_although_the_record_is_damaged_meanwhile(
    going: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damage(*_: object) -> None:
        below(going.root, "/var/lib/system-manager/state.json").write_text("{")
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(SelectGeneration, "apply", damage)
    result = run(going.root, *going.arguments(going.steps[0]), "--confirm", "3000")
    assert (result.exit_code, result.result["error"]["kind"]) == (3, "RolledBackError")


def test_who_waits_to_take_a_change_back_can_be_stopped(going: Run) -> None:
    """The time runs from the last change, which may come long after the timer was set: a shutdown does not wait."""
    run(going.root, *going.arguments(going.steps[0]), "--confirm", "3000")
    state = json.loads(below(going.root, "/var/lib/system-manager/state.json").read_text())
    lock = below(going.root, "/run/system-manager/lock")
    lock.unlink()
    waiting = subprocess.Popen(
        [*ENGINE, "undo", "--waiting", state["transaction"], "--root", going.root],
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (lock.exists() and lock.stat().st_mtime_ns > 0 and _sleeps(waiting.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    waiting.terminate()
    said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 1
    assert "stopped by SIGTERM" in said


def _sleeps(process: int) -> bool:
    """Whether it waits for the time to pass, and has nothing open that it would need meanwhile."""
    names = [str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir() if path.is_symlink()]
    return Path(f"/proc/{process}/wchan").read_text() == "hrtimer_nanosleep" and not any("lock" in n for n in names)
