"""``repl``: whole sessions, as scripts and at a terminal.

``sessions/NAME.in`` is what is typed and ``NAME.out`` everything that is printed, results and errors; ``--accept``
writes it. A line ``# options: …`` gives arguments of the command, one shell word each. Sessions run in a copy of
``sessions/files``, which their output calls ``/session``.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from system_manager.cli.repl.completion import complete
from system_manager.cli.repl.inputs import Bindings, Command, IncompleteInputError, Program, understand
from system_manager.cli.repl.workspace import LoadedFile, Workspace
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.errors import NixSyntaxError
from tests.support.command import COMMAND, system_manager
from tests.support.expectations import compare
from tests.support.oracle import Oracle

SESSIONS = Path(__file__).parent / "sessions"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a session is run; it has the files to load."""
    result = tmp_path / "session"
    shutil.copytree(SESSIONS / "files", result)
    return result


def _repl(*arguments: str | Path, directory: Path, typed: str) -> subprocess.CompletedProcess[str]:
    store = () if "--store" in arguments else ("--store", directory.parent / "no-store")
    return system_manager("repl", *store, *arguments, directory=directory, stdin=typed)


@pytest.mark.parametrize("session", sorted(SESSIONS.glob("*.in")), ids=lambda path: path.stem)
def test_session(session: Path, directory: Path, accept: bool) -> None:
    typed = session.read_text()
    options = [word for line in typed.splitlines() if line.startswith("# options: ") for word in _words(line)]
    completed = subprocess.run(
        [COMMAND, "repl", *options, "--store", directory.parent / "no-store"],
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory.parent), "NIX_PATH": f"simple={directory}/simple.nix"},
        timeout=600,
        check=False,
    )
    assert completed.returncode == 0
    assert "Traceback" not in completed.stdout
    assert "this should not have happened" not in completed.stdout
    compare(completed.stdout.replace(str(directory), "/session"), session.with_suffix(".out"), accept=accept)


def _words(line: str) -> list[str]:
    return shlex.split(line.removeprefix("# options: "))


def test_results_and_everything_else_are_apart(directory: Path) -> None:
    completed = _repl("simple.nix", directory=directory, typed='1\nthrow "no"\nbuiltins.trace "said" 2\n')
    assert completed.stdout == "1\n2\n"
    assert [text for text in ("Added 2 variables", "error:", "trace: said") if text not in completed.stderr] == []


@pytest.mark.parametrize("typed", ["", "\n\n", "# nothing\n", "1", ":q", '"bytes \udcff"\n', "\0\n", "\x1b[31m\n"])
def test_input_at_the_edge(typed: str, directory: Path) -> None:
    completed = system_manager(
        "repl", "--store", directory / "none", directory=directory, stdin=typed.encode("utf-8", "surrogateescape")
    )
    assert completed.returncode == 0


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--arg", "x"], ["--color", "perhaps"]])
def test_wrong_use(arguments: list[str], directory: Path) -> None:
    assert _repl(*arguments, directory=directory, typed="1\n").returncode == 2


# What is compared with Nix: results only, without colour and the empty lines between them.
AS_NIX = r"""
1
"a\n${"b"}\"" + "\${x}"
[ 1 2.5 null true ./. ]
{ a = 1; b = { c = 2; }; l = [ 1 ]; e = { }; "x y" = 1; }
{ f = x: x; g = builtins.add; h = builtins.add 1; t = throw "no"; }
[ [ ] { } ]
:p { a = { b = { c = 1; }; d = [ [ 1 ] [ { } ] ]; }; }
:p "x\ny"
:p let r = { inherit r; }; in r
x = 5
x + 1
x = x + 1
x
1 +

2
"two
lines"
:t 1
:t "s"
:t x: x
:t builtins.add
:t (builtins.add 1)
:t { }
derivation { name = "a"; system = "x"; builder = "b"; }
{ d = derivation { name = "a"; system = "x"; builder = "b"; }; }
:a { q = 1; }
q
nothingThere
q
:te
:te
"""


@pytest.mark.oracle
def test_results_are_those_of_nix(directory: Path, oracle: Oracle) -> None:
    ours = _repl(directory=directory, typed=AS_NIX)
    theirs = oracle.run(["nix", "repl"], input=AS_NIX)
    # A relative path is printed with the directory it starts at, which is another one there.
    expected = _COLOUR.sub("", theirs.stdout)
    shown = ours.stdout.replace(str(directory), "/")
    # Nix repeats what it reads, behind a prompt or below it.
    results = [line for line in expected.splitlines() if line and not line.startswith(("nix-repl>", " " * 10))]
    assert [line for line in shown.splitlines() if line] == results


# What is typed means.
UNDERSTOOD = [
    ("", None),
    ("  # comment", None),
    ("/* comment */", None),
    ("1", Program),
    ("x", Program),
    ("{ x = 1; }", Program),
    ("x == 1", Program),
    ("x: x", Program),
    ("x = 1", Bindings),
    ("x = 1;", Bindings),
    ("x.y = 1; z = { a = 1; }", Bindings),
    ('"x y" = 1', Bindings),
    ("inherit x", Bindings),
    ("inherit (x) y;", Bindings),
    (":t 1", Command),
    (":", Command),
]


@pytest.mark.parametrize(("text", "meaning"), UNDERSTOOD, ids=repr)
def test_what_a_text_means(text: str, meaning: type | None) -> None:
    assert type(understand(text, "/")) is (meaning or type(None))


INCOMPLETE = ["(", "1 +", '"a', "''a", '"${', "/* a", "x =", "x = (", "x = 1; y", "let x = 1;", "{ a", "x:", "a.", "!"]


@pytest.mark.parametrize("text", INCOMPLETE)
def test_what_has_to_go_on(text: str) -> None:
    with pytest.raises(IncompleteInputError):
        understand(text, "/")


WRONG = [
    ")",
    "1 )",
    "x = )",
    "x = 1 )",
    "} // {",
    "}: {",
    "}; y = {",
    "[ 1, 2 ]",
    "x y = 1",
    "a = 1; a = 2",
    "x = 1 } #",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_nothing_can_complete(text: str) -> None:
    with pytest.raises(NixSyntaxError):
        understand(text, "/")


@pytest.fixture
def workspace(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with a few variables."""
    monkeypatch.chdir(directory)
    with EvaluationSession(EvaluationSettings()) as session:
        result = Workspace(session)
        typed = understand('set = { alpha = 1; beta = { gamma = 2; }; "a b" = 3; }; setting = 1; bad = throw "no"', "/")
        assert isinstance(typed, Bindings)
        result.run(lambda: result.define(typed.source))
        yield result


COMPLETIONS = [
    ("se", ["set", "setting"]),
    ("1 + setti", ["setting"]),
    ("set.", ['set."a b"', "set.alpha", "set.beta"]),
    ("set.al", ["set.alpha"]),
    ("set.beta.", ["set.beta.gamma"]),
    ("[ set.beta.g", ["set.beta.gamma"]),
    ("builtins.foldl", ["builtins.foldl'"]),
    ("__foldl", ["__foldl'"]),
    ("(impor", ["import"]),
    ("set.zeta", []),
    ("setting.", []),
    ("bad.", []),
    ("nothing.there", []),
    ("..", []),
    (":lo", [":load", ":log"]),
    (":t se", ["set", "setting"]),
    (":l simp", ["simple.nix"]),
    ("import ./dir", ["./directory/"]),
    ("import ./directory/de", ["./directory/default.nix"]),
    ("./missing/", []),
    ("./[", []),
]
_COMMANDS = [":l", ":load", ":log", ":t"]


@pytest.mark.parametrize(("line", "expected"), COMPLETIONS)
def test_completion(line: str, expected: list[str], workspace: Workspace) -> None:
    word = re.split(r"[ (\[]", line)[-1] if line != "./[" else line
    assert complete(line, word, workspace, _COMMANDS) == expected


def test_every_variable_completes_the_empty_word(workspace: Workspace) -> None:
    found = complete("", "", workspace, _COMMANDS)
    assert {"set", "setting", "bad", "builtins", "map", "true"} <= set(found)


def test_reloading_reads_files_again(workspace: Workspace, directory: Path) -> None:
    (directory / "simple.nix").write_text("import ./value.nix")
    (directory / "value.nix").write_text("{ a = 1; present = builtins.pathExists ./later; }")
    workspace.run(lambda: workspace.load(LoadedFile("simple.nix")))
    assert workspace.variables["a"] == 1
    assert workspace.run(lambda: workspace.evaluate(understand("present", "/").source)) is False  # type: ignore[union-attr]
    (directory / "value.nix").write_text("{ a = 2; present = builtins.pathExists ./later; }")
    (directory / "later").touch()
    workspace.forget_variables()
    workspace.run(lambda: workspace.load(LoadedFile("simple.nix")))
    assert workspace.variables["a"] == 2
    assert workspace.run(lambda: workspace.evaluate(understand("present", "/").source)) is True  # type: ignore[union-attr]
    assert "set" not in workspace.variables


_WRITE_TEXT = 'derivation { name = "a"; system = "builtin"; builder = "builtin:write-text"; text = "hello"; }'


def test_building(directory: Path) -> None:
    store = directory.parent / "store"
    typed = f'd = {_WRITE_TEXT}\n:b d\nbuiltins.readFile d\n:bl d\n:b {{ }}\n:b throw "no"\n:b d\n'
    completed = _repl("--store", store, "--read-write-mode", directory=directory, typed=typed)
    outputs = re.findall(r"^  out -> (/nix/store/\S+-a)$", completed.stdout, re.MULTILINE)
    assert len(outputs) == 2
    assert (store / outputs[0].lstrip("/")).read_text() == "hello"
    assert '"hello"' in completed.stdout
    assert f"  ./repl-result-out -> {outputs[0]}\n" in completed.stdout
    assert str((directory / "repl-result-out").readlink()) == outputs[0]
    assert "does not evaluate to a derivation" in completed.stderr
    # What is there already is written to without being asked.
    assert "following outputs" in _repl("--store", store, directory=directory, typed=f":b {_WRITE_TEXT}\n").stdout


def test_editing_reloads(directory: Path) -> None:
    editor = directory / "editor"
    editor.write_text('#!/bin/sh\necho "$@" > called\necho "{ one = 100; two = x: x; }" > simple.nix\n')
    editor.chmod(0o755)
    completed = system_manager(
        "repl",
        "simple.nix",
        "--store",
        directory / "none",
        directory=directory,
        environment={"EDITOR": str(editor)},
        stdin='one\n:e ./simple.nix\none\n:e two\n:e throw "no"\n',
    )
    assert completed.stdout == "1\n100\n"
    assert (directory / "called").read_text() == f"{directory}/simple.nix\n"
    missing = system_manager(
        "repl",
        "--store",
        directory / "none",
        directory=directory,
        environment={"EDITOR": "no-such"},
        stdin=":e ./x\n1\n",
    )
    assert missing.stdout == "1\n"
    assert "install the program 'no-such'" in missing.stderr


# At a terminal


class Terminal:
    """A session somebody types into."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.chdir(directory)
            variables = {"PATH": os.environ["PATH"], "HOME": str(directory), "TERM": "xterm", **environment}
            os.execve(COMMAND, [str(COMMAND), "repl", "--store", str(directory / "none")], variables)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._seen = ""
        self.raw = ""

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def wait_for(self, text: str, *, seconds: float = 300) -> str:
        """Everything shown up to and with the text, since the last call; colours left out."""
        end = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} was not shown, but {self._seen!r}"
            try:
                data = os.read(self._terminal, 2**16)
            except OSError:  # how Linux says that the other side is closed
                data = b""
            assert data, f"ended before {text!r} was shown: {self._seen!r}"
            more = self._decoder.decode(data)
            self.raw += more
            self._seen = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", self._seen + more)
        shown, _, self._seen = self._seen.partition(text)
        return shown + text

    def answer(self, text: str) -> str:
        """Type a line and return what is shown until the next prompt."""
        self.type(f"{text}\n")
        return self.wait_for("nix-repl> ")

    def end(self) -> int:
        """Wait for the program's end and return its exit code."""
        try:
            while os.read(self._terminal, 2**16):
                pass
        except OSError:
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)


@pytest.fixture
def terminal(directory: Path) -> Iterator[Terminal]:
    """A session at its first prompt."""
    session = Terminal(directory, NO_COLOR="1")
    try:
        session.wait_for("nix-repl> ")
        yield session
    except BaseException:
        session.kill()
        raise


def test_leaving_with_control_d(terminal: Terminal) -> None:
    assert "\n2\r\n" in terminal.answer("1 + 1").replace("\r\n2", "\n2")
    terminal.type("\x04")
    assert terminal.end() == 0


_ENDLESS = "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ { key = x.key + 1; } ]; }"


def test_control_c_ends_an_evaluation_without_end(terminal: Terminal) -> None:
    terminal.answer(f"loop = {_ENDLESS}; kept = 42")
    for _ in range(2):  # it can be evaluated again, and is not mistaken for something that needs itself
        terminal.type('builtins.seq (builtins.trace "begun" 1) loop\n')
        terminal.wait_for("trace: begun")
        terminal.type("\x03")
        assert "interrupted by the user" in terminal.wait_for("nix-repl> ")
    assert "42" in terminal.answer("kept")
    terminal.type(":q\n")
    assert terminal.end() == 0


def test_control_c_forgets_what_was_typed(terminal: Terminal) -> None:
    terminal.type("[ 1\n")
    terminal.wait_for("        > ")
    terminal.type("\x03")
    terminal.wait_for("nix-repl> ")
    terminal.type("half of a line\x03")
    terminal.wait_for("nix-repl> ")
    assert "\n2" in terminal.answer("1 + 1")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_tab_completes(terminal: Terminal) -> None:
    terminal.answer("set = { alpha = 17; beta = 1; }")
    assert "17" in terminal.answer("set.al\t + 0")
    terminal.type("set.\t\t")
    assert "set.beta" in terminal.wait_for("set.beta")
    terminal.type("\x15\x04")
    assert terminal.end() == 0


def test_history_outlives_the_session_and_is_private(directory: Path) -> None:
    file = directory / ".local/state/system-manager/repl-history"
    for line in ("first = 1", "second = 2"):
        session = Terminal(directory)
        session.wait_for("nix-repl> ")
        session.answer(line)
        session.type("\x04")
        assert session.end() == 0
        assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == "first = 1\nsecond = 2\n"


def test_a_history_that_cannot_be_kept_is_no_reason_to_stop(directory: Path) -> None:
    (directory / "file").touch()
    session = Terminal(directory, XDG_STATE_HOME=str(directory / "file"))
    assert "history cannot be kept" in session.wait_for("nix-repl> ")
    assert "2" in session.answer("1 + 1")
    session.type("\x04")
    assert session.end() == 0


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour(environment: dict[str, str], coloured: bool, directory: Path) -> None:
    session = Terminal(directory, **environment)
    session.wait_for("nix-repl> ")
    session.answer("1 + 41")
    session.type("\x04")
    assert session.end() == 0
    assert ("\x1b[36m42" in session.raw) is coloured
    assert "42" in session.raw
