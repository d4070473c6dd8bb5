"""What every verb has in common: wrong use, help, errors in words and as JSON, exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import COMMAND, system_manager

VERBS = [
    "init",
    "build",
    "lock",
    "plan",
    "switch",
    "test",
    "boot",
    "confirm",
    "rollback",
    "generations",
    "status",
    "history",
    "deactivate",
    "uninstall",
    "register",
    "pre-populate",
    "eval",
    "repl",
    "instantiate",
    "parse",
    "completion",
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, tmp_path: Path) -> None:
    completed = system_manager(verb, "--help", directory=tmp_path)
    assert completed.returncode == 0
    assert f"Usage: system-manager {verb}" in completed.stdout


def test_help_lists_the_verbs_with_one_line_each(tmp_path: Path) -> None:
    completed = system_manager("--help", directory=tmp_path)
    listed = [line.split(maxsplit=1) for line in completed.stdout.partition("Verbs:\n")[2].splitlines()]
    assert [words[0] for words in listed] == VERBS
    assert all(len(words) == 2 for words in listed)


def test_version(tmp_path: Path) -> None:
    completed = system_manager("--version", directory=tmp_path)
    assert completed.stdout.startswith("system-manager 0.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lock", "nginx"], "packages are named for --update only"),
        (["prase"], "there is no verb 'prase'; did you mean parse?"),
        (["frobnicate"], "there is no verb 'frobnicate'"),
        (["parse", "--fiel", "x"], "there is no option --fiel; did you mean --file?"),
        (["parse"], "give one program"),
        (["parse", "--file", "x", "--expr", "1"], "give one program"),
        (["eval", "--expr", "1", "--expr", "2"], "give one program"),
        (["eval"], "give one program"),
        (["instantiate", "--file", "-", "--expr", "1"], "give one program"),
        (["eval", "--arg", "x"], "--arg requires 2 arguments"),
        (["eval", "--expr", "1", "--color", "pink"], "'pink' is not one of"),
        (["rollback", "--to", "last"], "wrong argument of --to: 'last' is not a number"),
        (["rollback", "--to", "0"], "wrong argument of --to: 0 is less than 1"),
        (["rollback", "--to", "-3"], "wrong argument of --to: -3 is less than 1"),
        (["rollback", "--to", "1_0"], "wrong argument of --to: '1_0' is not a number"),
        (["rollback", "--to", "٣"], "wrong argument of --to: '٣' is not a number"),
        (["rollback", "--to", "9" * 5000], "is too large"),
        (["switch", "--unit-timeout", "0"], "wrong argument of --unit-timeout: 0 seconds are no time for anything"),
        (["switch", "--store-path", "/nix/store/x", "--file", "y"], "--store-path"),
        (["generations", "extra"], "unexpected argument: extra"),
        (["init", "a", "b"], "unexpected argument: b"),
        (["eval", "--strict=yes", "--expr", "1"], "--strict takes no argument"),
        (["eval", "--exp", "1"], "there is no option --exp"),
        (["eval", "-zE", "1"], "there is no option -z"),
        (["eval", "--", "--expr", "1"], "unexpected arguments: --expr 1"),
        (["eval", "--expr"], "--expr requires an argument"),
        (["--root"], "--root requires an argument"),
        (["status", "--root", "/does/not/exist"], "wrong argument of --root: there is no directory /does/not/exist"),
        (["status", "--root", ""], "wrong argument of --root: the name is empty"),
        (["build", "--store", ""], "wrong argument of --store: the name is empty"),
        (["plan", "--file", ""], "wrong argument of --file: the name is empty"),
        (["eval", "-f", ""], "wrong argument of -f: the name is empty"),
        (["build", "-o", ""], "wrong argument of -o: the name is empty"),
        (["init", ""], "the name of the directory is empty"),
        (["switch", "--confirm", "9" * 30], "wrong argument of --confirm: 999999999999999999999999999999 is too large"),
        (["--frobnicate", "eval"], "there is no option --frobnicate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_ends_with_2_and_a_hint(arguments: list[str], message: str, tmp_path: Path) -> None:
    completed = system_manager(*arguments, directory=tmp_path)
    assert completed.returncode == 2
    assert message in completed.stderr
    assert "hint:" in completed.stderr
    assert completed.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["--expr", "1 + 1"], "2"),
        (["--expr=1 + 1"], "2"),
        (["-E1 + 1"], "2"),
        (["-vE", "1 + 1"], "2"),
        (["--expr", "-1"], "-1"),
        (["--argstr", "help", "--help", "--expr", "{ help }: help"], '"--help"'),
        (["--arg", "n", "-1", "--expr", "{ n }: n"], "-1"),
        (["--arg=n", "1", "-E", "{ n, t }: [ n t ]", "--argstr", "t", "--arg", "--strict"], '[ 1 "--arg" ]'),
        (["-A", "a", "--attr=b", "-E", "{ a = 1; b = 2; }"], "1\n2"),
        (["--pure", "--impure", "--expr", "builtins ? currentSystem"], "true"),
        (["--impure", "--pure", "--expr", "builtins ? currentSystem"], "false"),
        (["--json", "--expr", "[ 1 ]", "--"], "[1]"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_are_written_as_in_gnu_programs(arguments: list[str], output: str, tmp_path: Path) -> None:
    completed = system_manager("eval", *arguments, directory=tmp_path)
    assert (completed.stdout, completed.stderr) == (f"{output}\n", "")


def test_help_fits_the_terminal(tmp_path: Path) -> None:
    completed = system_manager("eval", "-h", directory=tmp_path, environment={"COLUMNS": "70"})
    assert all(len(line) <= 70 for line in completed.stdout.splitlines())


def test_an_error_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    completed = system_manager("parse", "--file", "missing.nix", directory=tmp_path)
    assert completed.returncode == 1
    assert completed.stderr == (
        "error: the program cannot be read: No such file or directory\n"
        f"   at: {tmp_path}/missing.nix\n"
        " hint: check the name and its permissions\n"
    )


@pytest.mark.parametrize("arguments", [["--json", "parse"], ["parse", "--json"]])
def test_errors_as_json_wherever_the_option_stands(arguments: list[str], tmp_path: Path) -> None:
    completed = system_manager(*arguments, "--expr", "{ a = ; }", directory=tmp_path)
    assert completed.returncode == 1
    assert json.loads(completed.stderr)["error"] == {
        "kind": "NixSyntaxError",
        "what": "expected an expression, but found ';'",
        "where": "«string»:1:7",
        "hint": None,
        "exitCode": 1,
    }


@pytest.mark.parametrize(
    "program",
    [
        b"\xff\xfe",
        b"\0",
        b'"\xff"',
        b"",
        b"(" * 200_000,
        b"[" * 1000 + b"]" * 1000,
        "\N{BYTE ORDER MARK}1".encode(),
        b'"${' * 300,
    ],
    ids=lambda value: repr(value[:8]),
)
def test_any_bytes_are_answered_with_a_tree_or_an_error(program: bytes, tmp_path: Path) -> None:
    completed = system_manager("parse", "--file", "-", directory=tmp_path, stdin=program)
    assert completed.returncode in (0, 1)
    assert completed.stderr.startswith("error:") == (completed.returncode == 1)


@pytest.mark.parametrize(
    ("program", "missing"), [("x: y", "y"), ("let a = b; in 1", "b"), ("__map", "__map"), ("{ ${a} = 1; }", "a")]
)
def test_parse_wants_every_name_defined(program: str, missing: str, tmp_path: Path) -> None:
    completed = system_manager("parse", "--expr", program, directory=tmp_path)
    assert completed.returncode == 1
    assert f"undefined variable '{missing}'" in completed.stderr


@pytest.mark.parametrize("kind", ["directory", "loop"])
def test_a_file_that_is_none(kind: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    if kind == "directory":
        program.mkdir()
    else:
        program.symlink_to(program)
    completed = system_manager("parse", "--file", program, directory=tmp_path)
    assert completed.returncode == 1
    assert "the program cannot be read" in completed.stderr


def test_output_has_the_bytes_of_the_program(tmp_path: Path) -> None:
    completed = system_manager("parse", "--expr", '"é"', directory=tmp_path, environment={"LC_ALL": "C"})
    assert completed.stdout == '"é"\n'


def test_a_reader_that_goes_away_is_no_defect(tmp_path: Path) -> None:
    program = "[" + "1 " * 200_000 + "]"
    command = f"{COMMAND} parse --file - | head -c 10"
    completed = subprocess.run(
        ["bash", "-c", command], input=program, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert completed.stderr == ""


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--colour=always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
    ],
)
def test_colour_when_asked_for(options: list[str], environment: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    completed = system_manager("parse", "--file", "x", *options, directory=tmp_path, environment=environment)
    assert ("\x1b[" in completed.stderr) == coloured


def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    completed = system_manager("parse", "--file", "\x1b[2Jx", directory=tmp_path)
    assert "\x1b" not in completed.stderr
    assert "\\x1b[2Jx" in completed.stderr


@pytest.mark.parametrize(
    ("line", "exit_code", "output", "errors"),
    [
        ("{} eval --expr 1 > /dev/full", 1, "", "error: the output cannot be written: No space left on device\n"),
        ("{} --help > /dev/full", 1, "", "error: the output cannot be written: No space left on device\n"),
        ("{} eval --expr 1 >&-", 0, "", ""),
        ("{} eval --expr 1 2>&-", 0, "1\n", ""),
        ("{} eval --expr x 2>&-", 1, "", ""),
        ("{} eval --expr 'builtins.trace 1 2' 2> /dev/full", 0, "2\n", ""),
        ("{} eval --expr x 2> /dev/full", 1, "", ""),
        ("{} evil 2> /dev/full", 2, "", ""),
        ("{} eval --expr 1 <&- >&- 2>&-", 0, "", ""),
        ("{} eval --file - <&-", 1, "", "error: expected an expression, but found the end of the file\n"),
    ],
)
def test_streams_that_are_full_or_closed(line: str, exit_code: int, output: str, errors: str, tmp_path: Path) -> None:
    completed = subprocess.run(
        ["bash", "-c", line.format(COMMAND)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (completed.returncode, completed.stdout) == (exit_code, output)
    assert completed.stderr.startswith(errors)
    assert bool(completed.stderr) == bool(errors)


@pytest.mark.parametrize("arguments", ["plan", "init here", "eval --expr 1", "build --file system.nix"])
def test_a_directory_that_is_gone(arguments: str, tmp_path: Path) -> None:
    line = f"mkdir gone; cd gone; rmdir ../gone; {COMMAND} {arguments}"
    completed = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert completed.returncode == 1
    assert completed.stderr.startswith("error: the current directory does not exist any more\n")


def test_a_configuration_that_cannot_be_looked_at(tmp_path: Path) -> None:
    loop = tmp_path / "system.nix"
    loop.symlink_to(loop)
    completed = system_manager("plan", "--file", loop, directory=tmp_path)
    assert completed.returncode == 1
    assert completed.stderr.startswith("error: the configuration cannot be read: Too many levels of symbolic links\n")
