"""What shells complete: real ones, with the scripts that the program prints."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.support.command import COMMAND, system_manager

PROGRAM = "{ bee = { kilo = 1; mega = { }; }; list = [ 1 2 ]; f = { x ? 1 }: { inner = x; }; }"

# What is typed, and all that Tab makes of the last word.
CASES: dict[str, tuple[str, ...]] = {
    "ev": ("eval",),
    "re": ("repl", "register"),
    "--verb": ("--verbose",),
    "--json ge": ("generations",),
    "rollback --t": ("--to",),
    "eval --rea": ("--read-write-mode",),
    "eval --no-ev": ("--no-eval-cache",),
    "eval --strict --st": ("--store",),
    "eval -A a -A b --at": ("--attr",),
    "--color ": ("auto", "always", "never"),
    "eval --color=al": ("--color=always",),
    "completion ": ("bash", "zsh", "fish"),
    "completion z": ("zsh",),
    "eval --option pure": ("pure-eval",),
    "eval --option pure-eval ": ("true", "false"),
    "eval --option system ": (),
    "eval --fi": ("--file",),
    "eval --file pro": ("program.nix",),
    "eval --file=pro": ("--file=program.nix",),
    "eval --file with": ("with\\ space.nix",),
    "eval -I nix=pro": ("nix=program.nix",),
    "init dir": ("directory",),
    "--root=dir": ("--root=directory",),
    "repl pro": ("program.nix",),
    "eval --file program.nix -A b": ("bee",),
    "eval -f program.nix --attr bee.": ("bee.kilo", "bee.mega"),
    "eval -f program.nix -A list.": ("list.0", "list.1"),
    "eval -f program.nix --attr=bee.k": ("--attr=bee.kilo",),
    "instantiate -f program.nix -A f.": ("f.inner",),
    "eval -f 'with space.nix' -A a": ("alpha",),
    "repl program.nix -A l": ("list",),
    "plan --file program.nix -A be": ("bee",),
    "eval -f missing.nix -A b": (),
    "eval -f program.nix -A bee.kilo.": (),
    "eval -A b": (),
    "rollback --confirm ": (),
    "generations ": (),
    "nonsense --f": (),
    "eval --nonsense --f": (),
    "eval -- --f": (),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with something to complete, which is also a home without any start-up file."""
    directory = tmp_path_factory.mktemp("home")
    (directory / "program.nix").write_text(PROGRAM)
    (directory / "with space.nix").write_text("{ alpha = 1; }")
    (directory / "directory").mkdir()
    (directory / "bin").mkdir()
    (directory / "bin/system-manager").symlink_to(COMMAND)
    return directory


def _environment(home: Path) -> dict[str, str]:
    path = f"{home}/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "1000"}


class Terminal:
    """A shell at a terminal."""

    def __init__(self, command: list[str], home: Path) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=_environment(home), start_new_session=True
        )
        os.close(slave)

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._master, text.encode())

    def read_until(self, end: str) -> str:
        """What the shell wrote, up to and with this text."""
        said = ""
        deadline = time.monotonic() + 60
        while end not in said:
            ready, _, _ = select.select([self._master], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"the shell never said {end!r}: {said!r}"
            said += os.read(self._master, 65536).decode()
        return said

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)


# Tab puts everything that matches into the line. Enter, with what is in front then, prints the line.
_BASH = """\
bind '"\\t": insert-completions'; PS1=; source <(system-manager completion bash)
echo rea''dy
"""
_ZSH = """\
PS1= zle_highlight=() ; unsetopt prompt_cr prompt_sp zle_bracketed_paste; bindkey -e
autoload -Uz compinit && compinit -u; source <(system-manager completion zsh)
insert-all() { _main_complete; compstate[insert]=all }; zle -C insert-all complete-word insert-all
bindkey '^I' insert-all
echo rea''dy
"""


class LineShell:
    """Bash or zsh, asked what Tab makes of a line."""

    def __init__(self, command: list[str], start: str, home: Path) -> None:
        self._terminal = Terminal(command, home)
        self._terminal.type(start)
        self._terminal.read_until("\nready")

    def complete(self, line: str) -> list[str]:
        """The words behind the verb after Tab."""
        self._terminal.type(f"system-manager {line}\t end\x01printf '<%q>' \x05\r")
        said = self._terminal.read_until("<end>")
        before = len(_shell_words(line)) - (not line.endswith(" "))
        answer = said[said.rindex("<system-manager>") :]
        return [word[1:].rstrip("/") for word in answer.split(">")[1 + before : -2]]

    def close(self) -> None:
        """End the shell."""
        self._terminal.close()


def _shell_words(line: str) -> list[str]:
    return shlex.split(line)


def _need(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        unavailable(f"needs {shell}")
    return found


@pytest.fixture(scope="module")
def bash(home: Path) -> Iterator[LineShell]:
    shell = LineShell([_need("bash"), "--norc", "--noprofile", "-i"], _BASH, home)
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def zsh(home: Path) -> Iterator[LineShell]:
    shell = LineShell([_need("zsh"), "-f", "-i"], _ZSH, home)
    yield shell
    shell.close()


def test_zsh_finds_the_installed_script(home: Path, tmp_path: Path) -> None:
    script = system_manager("completion", "zsh", directory=home).stdout
    (tmp_path / "_system-manager").write_text(script)
    start = _ZSH.replace("compinit -u; source <(system-manager completion zsh)", f"fpath+=({tmp_path}) && compinit -u")
    shell = LineShell([_need("zsh"), "-f", "-i"], start, home)
    assert shell.complete("ev") == ["eval"]
    assert shell.complete("eval --fi") == ["--file"]
    shell.close()


def _expected(line: str) -> list[str]:
    word = "" if line.endswith(" ") else line.rsplit(" ", maxsplit=1)[-1]
    return list(CASES[line]) or ([word] if word else [])


@pytest.mark.parametrize("line", CASES)
def test_bash(line: str, bash: LineShell) -> None:
    assert sorted(bash.complete(line)) == sorted(_expected(line))


@pytest.mark.parametrize("line", CASES)
def test_zsh(line: str, zsh: LineShell) -> None:
    assert sorted(zsh.complete(line)) == sorted(_expected(line))


@pytest.fixture(scope="module")
def fish(home: Path) -> dict[str, list[str]]:
    """What fish completes each line to, with the description behind a tabulator."""
    script = "system-manager completion fish | source; for line in $argv; complete -C $line; echo END; end"
    lines = [f"system-manager {line}" for line in CASES]
    command = [_need("fish"), "--no-config", "-c", script, *lines]
    completed = subprocess.run(
        command, cwd=home, env=_environment(home), capture_output=True, text=True, check=True, timeout=120
    )
    assert completed.stderr == ""
    return dict(zip(CASES, (part.splitlines() for part in completed.stdout.split("END\n")), strict=False))


@pytest.mark.parametrize("line", CASES)
def test_fish(line: str, fish: dict[str, list[str]]) -> None:
    expected = [word.replace("\\", "") for word in CASES[line]]
    assert sorted(found.partition("\t")[0].rstrip("/") for found in fish[line]) == sorted(expected)


def test_fish_says_what_each_stands_for(fish: dict[str, list[str]]) -> None:
    assert fish["ev"] == ["eval\tPrint the value of a program."]


def test_generations(home: Path, tmp_path: Path) -> None:
    profiles = tmp_path / "nix/var/nix/profiles/system-manager-profiles"
    profiles.mkdir(parents=True)
    for number in (1, 2, 10):
        (profiles / f"system-manager-{number}-link").symlink_to(f"/nix/store/{'0' * 32}-system-manager")
    (profiles / "system-manager").symlink_to("system-manager-2-link")
    answer = system_manager(
        "completion", "--answer", "--", "zsh", "--root", tmp_path, "rollback", "--to", "1", directory=home
    )
    first, *candidates = answer.stdout.splitlines()
    assert first == "words 0"
    assert [candidate.split("\t")[0] for candidate in candidates] == ["10", "1"]


def test_no_candidate_is_worth_a_change(home: Path, tmp_path: Path) -> None:
    """Programs are evaluated for their attributes: nothing is built, written or waited for."""
    program = '{ a = builtins.derivation { name = "x"; builder = "/bin/sh"; system = builtins.currentSystem; }; }'
    (tmp_path / "program.nix").write_text(program)
    arguments = ("--root", tmp_path, "eval", "--file", tmp_path / "program.nix", "-A", "a.")
    answer = system_manager("completion", "--answer", "--", "zsh", *arguments, directory=home)
    assert "a.drvPath\t\n" in answer.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["program.nix"]


@pytest.mark.parametrize("arguments", [[], ["tcsh"], ["bash", "zsh"]])
def test_there_are_three_shells(arguments: list[str], tmp_path: Path) -> None:
    completed = system_manager("completion", *arguments, directory=tmp_path)
    assert completed.returncode == 2
    assert "it is one of bash, zsh, fish" in completed.stderr
