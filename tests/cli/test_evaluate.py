"""``eval`` and ``instantiate``: flag by flag what ``nix-instantiate`` prints."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import COMMAND, system_manager
from tests.support.oracle import Oracle

DERIVATION = 'derivation { name = "a"; system = "x"; builder = "b"; }'

# Arguments after "eval --expr PROGRAM", the program, and what is printed.
EVALUATIONS: list[tuple[str, list[str], str | None]] = [
    ("let f = x: x; in { a = 1; b = f 1; }", [], "{ a = 1; b = <CODE>; }\n"),
    ("{ a = 1; b = [ 1 2 ]; }", ["--strict"], "{ a = 1; b = [ 1 2 ]; }\n"),
    ("{ a = [ 1 (1 + 1) ]; }", ["--strict", "--json"], '{"a":[1,2]}\n'),
    ("{ c = [ 1 2 ]; d = x: x; e = { }; l = [ ]; }", [], "{ c = <CODE>; d = <CODE>; e = <CODE>; l = [ ]; }\n"),
    ('[ 1 [ ] "a" [ 2 ] { } (x: x) ]', [], '[ 1 [ ] "a" <CODE> <CODE> <CODE> ]\n'),
    ("rec { a = [ 1 ]; b = a; c = x: x; d = c; }", [], "{ a = <CODE>; b = <CODE>; c = <CODE>; d = <CODE>; }\n"),
    ("let a = 1; b = a; c = f b; f = x: b; d = c; in [ a b d { } ]", [], "[ 1 1 <CODE> <CODE> ]\n"),
    ("let f = x: yy; yy = zz; zz = 2; g = { q, p ? q }: [ p q ]; in g { q = zz; }", [], "[ 2 2 ]\n"),
    ("let yy = zz; zz = 2; x = self; self = 3; in [ yy zz x ]", [], "[ <CODE> 2 3 ]\n"),
    ("let f = x: { inherit x; y = x + 1; }; in f 1", [], "{ x = 1; y = <CODE>; }\n"),
    ("let f = x: { inherit x; }; in [ (f [ 1 ]).x (f (y: y)) ]", [], "[ <CODE> <CODE> ]\n"),
    ("({ a ? [ 1 ], b ? (x: x), c ? 1 }: { inherit a b c; }) { }", [], "{ a = <CODE>; b = <CODE>; c = 1; }\n"),
    ("let s = { a = [ 1 ]; }; in builtins.seq s.a s", [], "{ a = [ 1 ]; }\n"),
    ("{ m = map; n = builtins.map; inherit (builtins) head; }", [], "{ head = <CODE>; m = <PRIMOP>; n = <CODE>; }\n"),
    ("{ a.b = 1; a.c = [ 2 ]; p = __curPos; }", [], "{ a = <CODE>; p = <CODE>; }\n"),
    ("{ a = { b = [ 1 ]; }; }", ["-A", "a"], "{ b = <CODE>; }\n"),
    ("{ a = builtins.trace 1 [ 2 ]; }", ["-A", "a"], "[ 2 ]\n"),
    ("{ a = [ 1 ]; }", ["--xml"], None),
    ("let l = [ 1 { x = null; } ]; in builtins.seq (builtins.elemAt l 1) l", ["--json"], '[1,{"x":null}]\n'),
    ("let s = { a = { b = [ ]; }; }; in builtins.deepSeq s s", ["--json"], '{"a":{"b":[]}}\n'),
    ('"a\\n"', [], '"a\\n"\n'),
    ('"a\\n"', ["--raw"], "a\n"),
    ('{ a.b."c.d" = 7; }', ["-A", 'a.b."c.d"'], "7\n"),
    ("{ a = 1; b = 2; }", ["-A", "b", "-A", "a"], "2\n1\n"),
    ("[ 1 2 ]", ["-A", "1"], "2\n"),
    ("{ x ? 2, y }: x + y", [], "<LAMBDA>\n"),
    ("{ x ? 2, y }: x + y", ["--arg", "y", "1 + 2"], "5\n"),
    ("{ x, y }: x + y", ["--argstr", "x", "a", "--argstr", "y", "b"], '"ab"\n'),
    ("{ x ? 2 }: { y = x; }", ["-A", "y"], "2\n"),
    ("{ a = x: x; }", ["--xml", "--no-location"], None),
    (DERIVATION, ["--xml", "--strict"], None),
    ("{ a = 1; }", ["--xml"], None),  # only compared with Nix
    (f"({DERIVATION}).drvPath", [], '"/nix/store/nnqh7675wghd0xmrywqm2yh9psrkk13q-a.drv"\n'),
]


@pytest.mark.parametrize(
    ("program", "options", "printed"), EVALUATIONS, ids=lambda v: v if isinstance(v, str) else None
)
def test_eval(program: str, options: list[str], printed: str | None, tmp_path: Path) -> None:
    completed = system_manager("eval", "--expr", program, *options, directory=tmp_path)
    assert completed.returncode == 0, completed.stderr
    if printed is not None:
        assert completed.stdout == printed


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("program", "options", "printed"), EVALUATIONS, ids=lambda v: v if isinstance(v, str) else None
)
def test_eval_as_nix(program: str, options: list[str], printed: str | None, tmp_path: Path, oracle: Oracle) -> None:
    ours = system_manager("eval", "--expr", program, *options, directory=tmp_path)
    theirs = oracle.run(["nix-instantiate", "--eval", "--expr", program, *options])
    assert (ours.stdout, ours.returncode) == (theirs.stdout, theirs.returncode)


INSTANTIATIONS: list[tuple[str, list[str]]] = [
    (DERIVATION, []),
    (f"{{ a = {DERIVATION}; b = 1; c.d = {DERIVATION}; }}", []),
    (f"{{ e = {{ recurseForDerivations = true; d = {DERIVATION}; }}; }}", []),
    (f"{{ x ? 1 }}: {DERIVATION}", []),
    (f"{{ x }}: {DERIVATION}", ["--argstr", "x", "1"]),
    ("{ x }: derivation { name = x; system = x; builder = x; }", ["--argstr", "x", "s"]),
    (f"{{ x = {DERIVATION}; y = 2; }}", ["-A", "x"]),
    ("[ ]", []),
    ('derivation { name = "a"; outputs = [ "dev" "out" ]; system = "x"; builder = "b"; }', []),
    ('(derivation { name = "a"; outputs = [ "dev" "out" ]; system = "x"; builder = "b"; }).out', []),
    ("1", []),
    (f"[ ({DERIVATION}) 3 ]", []),
    ('{ d = derivation { name = "d"; system = "x"; builder = builtins.toFile "x" "y"; }; }', []),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("program", "options"), INSTANTIATIONS, ids=lambda v: v if isinstance(v, str) else None)
def test_instantiate_as_nix(program: str, options: list[str], tmp_path: Path, oracle: Oracle) -> None:
    store = tmp_path / "store"
    ours = system_manager("instantiate", "--store", store, "--expr", program, *options, directory=tmp_path)
    theirs = oracle.run(["nix-instantiate", "--expr", program, *options])
    assert (ours.stdout, ours.returncode) == (theirs.stdout, theirs.returncode), ours.stderr
    for line in ours.stdout.split():
        path = line.partition("!")[0].lstrip("/")
        assert (store / path).read_bytes() == (oracle.root / path).read_bytes()


@pytest.mark.parametrize("verb", [["eval"], ["instantiate", "--store", "store"]], ids=lambda verb: verb[0])
def test_arguments_start_at_the_current_directory(verb: list[str], tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program/default.nix").write_text(f"{{ name }}: {DERIVATION} // {{ inherit name; }}")
    (tmp_path / "name.nix").write_text('"found"')
    completed = system_manager(
        *verb, "--file", "program", "--arg", "name", "import ./name.nix", "-A", "name", directory=tmp_path
    )
    if verb == ["eval"]:
        assert completed.stdout == '"found"\n'
    else:
        assert "does not evaluate to a derivation" in completed.stderr


@pytest.mark.parametrize("program", ["[ (1 + 1) ]", "{ a = { b = 1; }; }", "[ [ 1 ] ]", "{ a = x: x; }"])
def test_what_is_not_evaluated_has_no_json(program: str, tmp_path: Path) -> None:
    completed = system_manager("eval", "--json", "--expr", program, directory=tmp_path)
    assert completed.returncode == 1
    assert "cannot convert a thunk to JSON" in completed.stderr


def test_printing_a_set_says_everything_once(tmp_path: Path) -> None:
    completed = system_manager("eval", "--expr", "builtins.trace 1 { a = [ 1 ]; }", directory=tmp_path)
    assert completed.stdout == "{ a = <CODE>; }\n"
    assert completed.stderr == "trace: 1\n"


def test_errors_beside_a_value_as_json(tmp_path: Path) -> None:
    program = 'throw "no \\"value\\""'
    completed = system_manager("eval", "--json", "--expr", program, directory=tmp_path)
    assert completed.stderr.startswith("error:")
    assert 'error: no "value"\n' in completed.stderr
    completed = system_manager("--json", "eval", "--expr", program, directory=tmp_path)
    assert json.loads(completed.stderr)["error"]["what"] == 'no "value"'


def test_instantiate_as_json(tmp_path: Path) -> None:
    program = f"{{ a.b = 1; c = {DERIVATION}; }}"
    completed = system_manager("instantiate", "--json", "--store", tmp_path, "--expr", program, directory=tmp_path)
    assert json.loads(completed.stdout) == [
        {"derivation": "/nix/store/nnqh7675wghd0xmrywqm2yh9psrkk13q-a.drv", "output": "out", "attribute": "c"}
    ]


def test_eval_writes_to_the_store_only_when_told(tmp_path: Path) -> None:
    program = f"({DERIVATION}).drvPath"
    drv = tmp_path / "store/nix/store/nnqh7675wghd0xmrywqm2yh9psrkk13q-a.drv"
    system_manager("eval", "--store", tmp_path / "store", "--expr", program, directory=tmp_path)
    assert not drv.exists()
    system_manager("eval", "--read-write-mode", "--store", tmp_path / "store", "--expr", program, directory=tmp_path)
    assert drv.exists()


@pytest.mark.parametrize("form", ["file", "directory", "link", "standard input"])
def test_where_a_program_may_be(form: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "default.nix").write_text("(import ./part.nix) + 1")
    (project / "part.nix").write_text("1")
    (tmp_path / "link.nix").symlink_to(project / "default.nix")
    if form == "standard input":
        completed = system_manager("eval", "--file", "-", directory=project, stdin="(import ./part.nix) + 1")
    else:
        file = {"file": project / "default.nix", "directory": project, "link": tmp_path / "link.nix"}[form]
        completed = system_manager("eval", "--file", file, directory=tmp_path)
    assert completed.stdout == "2\n", completed.stderr


def test_search_path_options_come_before_the_environment(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.nix").write_text(f'"{name}"')
    environment = {"NIX_PATH": f"a={tmp_path}/one.nix:b={tmp_path}/one.nix"}
    options = ["-I", f"a={tmp_path}/two.nix"]
    program = "[ (import <a>) (import <b>) ]"
    completed = system_manager(
        "eval", "--strict", "--expr", program, *options, directory=tmp_path, environment=environment
    )
    assert completed.stdout == '[ "two" "one" ]\n'


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("builtins.currentTime", "currentTime"),
        ("builtins.currentSystem", "currentSystem"),
        ("builtins.readFile /etc/passwd", "/etc/passwd"),
        ("~/below", "~/below"),
        ("<nixpkgs>", "nixpkgs"),
    ],
)
def test_pure_programs_see_nothing_of_the_machine(program: str, expected: str, tmp_path: Path) -> None:
    completed = system_manager("eval", "--pure", "--expr", program, directory=tmp_path)
    assert completed.returncode == 1
    assert expected in completed.stderr
    assert system_manager("eval", "--pure", "--expr", 'builtins.getEnv "HOME"', directory=tmp_path).stdout == '""\n'


def test_warnings_end_the_evaluation_when_asked(tmp_path: Path) -> None:
    program = 'builtins.warn "careful" 1'
    warned = system_manager("eval", "--expr", program, directory=tmp_path)
    assert (warned.stdout, warned.returncode) == ("1\n", 0)
    assert "careful" in warned.stderr
    ended = system_manager("eval", "--expr", program, directory=tmp_path, environment={"NIX_ABORT_ON_WARN": "1"})
    assert ended.returncode == 1


def test_show_trace(tmp_path: Path) -> None:
    program = "let f = x: x + { }; g = x: f x; h = x: g x; i = x: h x; j = x: i x; in j 1"
    short = system_manager("eval", "--expr", program, directory=tmp_path).stderr
    long = system_manager("eval", "--expr", program, "--show-trace", directory=tmp_path).stderr
    assert "while calling 'f'" in long
    assert len(long) > len(short)


def test_one_form_only(tmp_path: Path) -> None:
    completed = system_manager("eval", "--raw", "--json", "--expr", '"x"', directory=tmp_path)
    assert completed.returncode == 2
    assert "choose one of --json, --xml and --raw" in completed.stderr


def test_statistics(tmp_path: Path) -> None:
    shown = system_manager("eval", "--expr", "1", directory=tmp_path, environment={"NIX_SHOW_STATS": "1"})
    assert json.loads(shown.stderr)["cpuTime"] > 0
    file = tmp_path / "statistics.json"
    environment = {"NIX_SHOW_STATS": "1", "NIX_SHOW_STATS_PATH": str(file)}
    written = system_manager("eval", "--expr", "1", directory=tmp_path, environment=environment)
    assert written.stderr == ""
    assert json.loads(file.read_text())["cpuTime"] > 0


@pytest.mark.parametrize(
    "program",
    [
        "builtins.foldl' (text: _: text + text) ''aaaa'' (builtins.genList (x: x) 100)",
        "builtins.foldl' (list: _: list ++ list) [ 1 2 3 4 ] (builtins.genList (x: x) 100)",
        "builtins.length (builtins.genList (x: x) 200000000)",
        "builtins.toJSON (builtins.genList (x: builtins.genList toString 100000) 10000)",
        "builtins.deepSeq (builtins.genList (x: builtins.genList (y: { a = y; }) 100000) 10000) 1",
    ],
)
def test_programs_that_fill_the_memory(program: str, tmp_path: Path) -> None:
    limited = ["sh", "-c", 'ulimit -v 900000 && exec "$@"', "sh", COMMAND, "eval", "--strict", "--expr", program]
    completed = subprocess.run(
        limited,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert completed.returncode == 1
    assert "error: out of memory" in completed.stderr
    assert "Traceback" not in completed.stderr


@pytest.mark.parametrize(("argument", "code"), [("1 +", 1), ("unbound", 1), ("throw ''unused''", 0)])
def test_arguments_are_read_even_if_they_are_not_used(argument: str, code: int, tmp_path: Path) -> None:
    ended = system_manager("eval", "--expr", "{ a ? 1 }: a", "--arg", "b", argument, directory=tmp_path)
    assert (ended.returncode, ended.stdout) == (code, "" if code else "1\n")


def test_a_deep_program_that_is_evaluated_again_says_everything_once(tmp_path: Path) -> None:
    (tmp_path / "one.nix").write_text('builtins.trace "imported" 1')
    program = """
        let f = n: if n == 0 then builtins.trace "deep" 0 else 1 + f (n - 1);
            twice = map (n: builtins.trace "again" n) [ 1 1 ];
        in builtins.deepSeq twice (import ./one.nix + import ./one.nix + f 6000 + builtins.trace "last" 0)
    """
    (tmp_path / "default.nix").write_text(program)
    shown = system_manager("eval", "--file", "default.nix", directory=tmp_path)
    assert shown.stdout == "6002\n"
    said = [line.removeprefix("trace: ") for line in shown.stderr.splitlines()]
    assert said == ["again", "again", "imported", "deep", "last"]


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/null", "/proc/self/status"])
def test_files_without_a_size_are_empty(file: str, tmp_path: Path) -> None:
    completed = system_manager("eval", "--expr", f"builtins.readFile {file}", directory=tmp_path)
    assert completed.stdout == '""\n'


def test_a_selection_of_very_many_names_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "default.nix").write_text("let a = { }; in a" + ".a" * 100_000)
    limited = ["sh", "-c", 'ulimit -v 1500000 && exec "$@"', "sh", COMMAND, "eval", "--file", "default.nix"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    completed = subprocess.run(limited, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "error: attribute 'a' missing" in completed.stderr


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    program = "builtins.genList (x: x) 100000"
    command = [COMMAND, "eval", "--strict", "--expr", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"["
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) in (0, 1)


def test_an_error_in_a_derivation_says_in_which_and_where(tmp_path: Path) -> None:
    program = '(derivation { name = "a"; system = "x"; builder = { }; }).drvPath'
    said = system_manager("eval", "--expr", program, directory=tmp_path).stderr
    assert "while evaluating derivation 'a'" in said
    assert "while evaluating attribute 'builder' of derivation 'a'\n         which is defined at «string»:1:41" in said
    assert "derivation.nix" not in said
