"""What programs may see in pure and restricted evaluation, and Nix's settings for that: the same as in Nix.

Every case runs in a directory with ``allowed`` and ``other`` in it; ``HERE`` stands for that directory.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.command import system_manager
from tests.support.oracle import Oracle

FETCH = 'builtins.fetchurl "file://HERE/other/two.nix"'
FETCHED = '"/nix/store/ih06y9grxdsv6gy6sg3rs02zs3vfkwhj-two.nix"'
FORBIDDEN = "is forbidden in restricted mode"
IMPURE = "is forbidden in pure evaluation mode"
BELOW = ("-I", "HERE/allowed")
TARBALL = 'builtins.fetchTarball "file://HERE/other/two.tar"'
ZERO = "0" * 52

# Options, the program (a file if it begins with HERE), and its value or a part of the error.
RESTRICTED: list[tuple[tuple[str, ...], str, str]] = [
    ((), "1", "1"),
    ((), "import HERE/allowed/one.nix", f"HERE/allowed/one.nix' {FORBIDDEN}"),
    (BELOW, "import HERE/allowed/one.nix", "1"),
    (BELOW, "import <one.nix>", "1"),
    (("-I", "x=HERE/allowed"), "import <x/one.nix>", "1"),
    (("-I", "x=HERE/allowed/one.nix"), "import <x>", "1"),
    (BELOW, "builtins.head (import HERE/allowed/escape.nix)", f"HERE/other/two.nix' {FORBIDDEN}"),
    (BELOW, "import HERE/allowed/link.nix", f"HERE/other/two.nix' {FORBIDDEN}"),
    (BELOW, "builtins.readFile HERE/allowed/there/two.nix", FORBIDDEN),
    (BELOW, "import HERE/other/back.nix", FORBIDDEN),
    (BELOW, "HERE/allowed/one.nix", "1"),
    (BELOW, "HERE/allowed/imports.nix", "1"),
    ((), "HERE/allowed/one.nix", f"HERE/allowed/one.nix' {FORBIDDEN}"),
    ((), "builtins.pathExists HERE/allowed/one.nix", "false"),
    (BELOW, "builtins.pathExists HERE/allowed/one.nix", "true"),
    (BELOW, "builtins.pathExists HERE/allowed/nothing", "false"),
    (BELOW, "builtins.pathExists HERE/allowed/link.nix", "true"),
    (BELOW, "builtins.pathExists HERE", "true"),
    (BELOW, "builtins.readDir HERE", '{ allowed = "directory"; }'),
    (
        BELOW,
        "builtins.attrNames (builtins.readDir HERE/allowed)",
        ALLOWED_NAMES := '[ "escape.nix" "imports.nix" "link.nix" "one.nix" "there" ]',
    ),
    (BELOW, "builtins.readDir HERE/other", FORBIDDEN),
    (BELOW, "builtins.readFileType HERE", '"directory"'),
    (BELOW, "builtins.readFileType HERE/allowed/link.nix", '"symlink"'),
    (BELOW, "builtins.readFileType HERE/other", FORBIDDEN),
    (BELOW, 'builtins.hashFile "md5" HERE/other/two.nix', FORBIDDEN),
    (BELOW, '"${HERE/other/two.nix}"', FORBIDDEN),
    (BELOW, '"${HERE/allowed/one.nix}"', '"/nix/store/r4f3c6v49jr7951lq969f8jjwscjlsb0-one.nix"'),
    (BELOW, "builtins.path { path = HERE/other; }", FORBIDDEN),
    (BELOW, "builtins.filterSource (p: t: true) HERE/other", FORBIDDEN),
    ((), 'builtins.getEnv "HOME"', '""'),
    ((), "builtins.currentSystem", '"x86_64-linux"'),
    ((), "builtins.currentTime > 0", "true"),
    ((), "builtins.nixPath", "[ ]"),
    (("-I", "x=HERE/allowed"), "builtins.nixPath", '[ { path = "HERE/allowed"; prefix = "x"; } ]'),
    ((), "<nixpkgs>", "file 'nixpkgs' was not found"),
    ((), "builtins.typeOf (import <nix/fetchurl.nix>)", '"lambda"'),
    ((), FETCH, f"HERE/other/two.nix' {FORBIDDEN}"),
    (("--option", "allowed-uris", "file://HERE/other"), FETCH, FETCHED),
    (("--option", "allowed-uris", "file://HERE/oth"), FETCH, FORBIDDEN),
    (("--option", "allowed-uris", "file:"), FETCH, FETCHED),
    (("--allowed-uris", "https://example.org file://HERE/other/"), FETCH, FETCHED),
    (("--extra-allowed-uris", "file://HERE/other/"), FETCH, FETCHED),
    (("-I", "HERE/other"), FETCH, FETCHED),
    ((), TARBALL, f"HERE/other/two.tar' {FORBIDDEN}"),
    (("--allowed-uris", "file://HERE/other"), f"builtins.readDir ({TARBALL})", '{ "two.nix" = "regular"; }'),
    ((), 'builtins.fetchurl "https://example.invalid/x"', f"URI 'https://example.invalid/x' {FORBIDDEN}"),
    (
        (),
        'builtins.fetchGit "https://example.invalid/x"',
        f"'git+https://example.invalid/x?exportIgnore=1' {FORBIDDEN}",
    ),
    ((), "builtins.fetchGit HERE/other", f"'git+file://HERE/other?exportIgnore=1' {FORBIDDEN}"),
    (BELOW, 'builtins.findFile [ { prefix = "y"; path = "HERE/other"; } ] "y/two.nix"', FORBIDDEN),
    ((), 'builtins.readFile "/etc/passwd"', FORBIDDEN),
    ((), "builtins.readFile ~/x", FORBIDDEN),
    ((), "builtins.readDir /nix/store", FORBIDDEN),
    ((), 'builtins.pathExists "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x"', "false"),
    (("-I", "/"), "builtins.readFile HERE/other/two.nix", '"2\\n"'),
]

PURE: list[tuple[tuple[str, ...], str, str]] = [
    ((), "1", "1"),
    ((), "import HERE/allowed/one.nix", f"HERE/allowed/one.nix' {IMPURE}"),
    (BELOW, "import HERE/allowed/one.nix", IMPURE),
    (BELOW, "import <one.nix>", "cannot look up '<one.nix>' in pure evaluation mode"),
    ((), "HERE/allowed/one.nix", f"HERE/allowed/one.nix' {IMPURE}"),
    (("--impure",), "HERE/allowed/imports.nix", "1"),
    (("--option", "pure-eval", "false"), "import HERE/allowed/one.nix", "1"),
    ((), "builtins.pathExists HERE/allowed/one.nix", "false"),
    ((), "builtins.readFileType HERE", IMPURE),
    ((), 'builtins.getEnv "HOME"', '""'),
    ((), "builtins ? currentSystem || builtins ? currentTime", "false"),
    ((), "builtins.currentSystem", "attribute 'currentSystem' missing"),
    (("-I", "x=HERE"), "builtins.nixPath", "[ ]"),
    ((), "<nixpkgs>", "cannot look up '<nixpkgs>' in pure evaluation mode"),
    ((), "builtins.typeOf (import <nix/fetchurl.nix>)", '"lambda"'),
    ((), FETCH, "in pure evaluation mode, 'fetchurl' requires a 'sha256' argument"),
    ((), f'builtins.fetchurl {{ url = "file://HERE/other/two.nix"; sha256 = "{ZERO}"; }}', "hash mismatch"),
    (
        ("--restrict-eval",),
        f'builtins.fetchurl {{ url = "file://HERE/other/two.nix"; sha256 = "{ZERO}"; }}',
        f"HERE/other/two.nix' {IMPURE}",
    ),
    ((), TARBALL, "in pure evaluation mode, 'fetchTarball' requires a 'sha256' argument"),
    ((), "builtins.fetchGit HERE/other", "fetch unlocked input 'git+file://HERE/other?exportIgnore=1'"),
    ((), 'builtins.fetchGit { url = "https://a"; ref = "b"; }', "input 'git+https://a?exportIgnore=1&ref=b'"),
    ((), '"${HERE/allowed/one.nix}"', IMPURE),
    ((), "builtins.path { path = HERE/other; }", IMPURE),
    (
        (),
        'builtins.storePath "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x"',
        "is not allowed in pure evaluation mode",
    ),
    ((), 'builtins.hashFile "md5" HERE/other/two.nix', IMPURE),
    (("--eval-system", "a-b"), "builtins ? currentSystem", "false"),
]

OTHERS: list[tuple[tuple[str, ...], str, str]] = [
    (("--eval-system", "a-b"), "builtins.currentSystem", '"a-b"'),
    (("--system", "a-b"), "builtins.currentSystem", '"a-b"'),
    (("--option", "system", "a-b"), "builtins.currentSystem", '"a-b"'),
    (("--option", "nix-path", "x=HERE/allowed"), "import <x/one.nix>", "1"),
    (("--nix-path", "x=HERE/allowed"), "import <x/one.nix>", "1"),
    (("--extra-nix-path", "x=HERE/allowed"), "import <x/one.nix>", "1"),
    (("--nix-path", "HERE/other", "-I", "HERE/allowed"), "import <one.nix>", "1"),
    (("--pure-eval", "--no-pure-eval"), "builtins ? currentSystem", "true"),
    (("--no-pure-eval", "--pure-eval"), "builtins ? currentSystem", "false"),
    (("--option", "nonsense", "x"), "1", "1"),
    (("--max-call-depth", "4294967295"), "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 3", "3"),
    (("--abort-on-warn",), 'builtins.warn "w" 1', "aborting to reveal stack trace of warning"),
    (("--abort-on-warn", "--no-abort-on-warn"), 'builtins.warn "w" 1', "1"),
]

CASES = [
    *((("--restrict-eval", *options), program, expected) for options, program, expected in RESTRICTED),
    *((("--pure-eval", *options), program, expected) for options, program, expected in PURE),
    *OTHERS,
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("purity")
    files = {
        "allowed/one.nix": "1",
        "allowed/imports.nix": "import ./one.nix",
        "allowed/escape.nix": "[ (import ../other/two.nix) ]",
        "other/two.nix": "2",
    }
    for name, text in files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(f"{text}\n")
    (directory / "allowed/link.nix").symlink_to("../other/two.nix")
    (directory / "allowed/there").symlink_to("../other")
    (directory / "other/back.nix").symlink_to("../allowed/one.nix")
    subprocess.run(
        ["tar", "--directory", directory / "other", "-cf", directory / "other/two.tar", "two.nix"], check=True
    )
    return directory


def _arguments(case: tuple[tuple[str, ...], str, str], here: Path, file: str) -> tuple[list[str], str]:
    options, program, expected = (
        (part if isinstance(part, tuple) else part.replace("HERE", str(here))) for part in case
    )
    words = [option.replace("HERE", str(here)) for option in options]
    selection = [*([file] if file else []), program] if program.startswith("/") else ["--expr", program]
    return ["--strict", *words, *selection], expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join((*case[0], case[1])))
def test_what_a_program_may_see(case: tuple[tuple[str, ...], str, str], here: Path, tmp_path: Path) -> None:
    arguments, expected = _arguments(case, here, "--file")
    completed = system_manager("eval", *arguments, directory=tmp_path)
    if completed.returncode == 0:
        assert completed.stdout == f"{expected}\n"
    else:
        assert completed.returncode == 1
        assert expected in completed.stderr


@pytest.mark.oracle
def test_nix_agrees(here: Path, oracle: Oracle) -> None:
    oracle.share(here)
    wrong = []
    for case in CASES:
        arguments, expected = _arguments(case, here, "")
        completed = oracle.run(["nix-instantiate", "--eval", *arguments], environment={"NIX_PATH": ""})
        if completed.stdout != f"{expected}\n" and not (
            completed.returncode != 0 and _error(expected) in completed.stderr
        ):
            wrong.append((arguments, expected, completed.stdout, completed.stderr))
    assert wrong == []


def _error(expected: str) -> str:
    """What all versions of Nix say: 2.26 names the outermost forbidden directory, and has another word for fetching."""
    return expected.rpartition("' ")[2] if "forbidden" in expected else expected.removeprefix("fetch ")


def test_an_unknown_setting_is_passed_over(tmp_path: Path) -> None:
    completed = system_manager("eval", "--option", "nonsense", "x", "--expr", "1", directory=tmp_path)
    assert completed.stdout == "1\n"
    assert "unknown setting 'nonsense'" in completed.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--option", "pure-eval", "maybe"),
        ("--max-call-depth", "x"),
        ("--lint-url-literals", "maybe"),
        ("--max-call-depth", "-1"),
        ("--max-call-depth", "5000000000"),
        ("--option", "pure-eval"),
        ("--restrict-eval=yes",),
    ],
    ids=" ".join,
)
def test_a_setting_without_sense_is_wrong_use(options: tuple[str, ...], tmp_path: Path) -> None:
    completed = system_manager("eval", "--expr", "1", *options, directory=tmp_path)
    assert completed.returncode == 2
    assert completed.stdout == ""


def test_verbose_traces(tmp_path: Path) -> None:
    program = 'builtins.traceVerbose "said" 1'
    assert system_manager("eval", "--expr", program, directory=tmp_path).stderr == ""
    assert system_manager("eval", "--trace-verbose", "--expr", program, directory=tmp_path).stderr == "trace: said\n"


def test_a_working_tree_with_changes(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", repository], check=True)
    (repository / "file").write_text("1")
    subprocess.run(["git", "-C", repository, "add", "file"], check=True)
    program = "(builtins.fetchGit ./repository).submodules"
    warned = system_manager("eval", "--expr", program, directory=tmp_path)
    assert f"Git tree '{repository}' is dirty" in warned.stderr
    assert system_manager("eval", "--no-warn-dirty", "--expr", program, directory=tmp_path).stderr == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--pure",), f"system.nix' {IMPURE}"),
        (("--restrict-eval",), f"system.nix' {FORBIDDEN}"),
        (("--restrict-eval", "-I", "."), None),
        (("--max-call-depth", "40"), "max-call-depth exceeded"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_configurations_are_bound_by_the_same(options: tuple[str, ...], message: str | None, tmp_path: Path) -> None:
    recursive = 'let f = n: if n == 0 then "x" else f (n - 1); in f 5000'
    (tmp_path / "system.nix").write_text(f"{{ environment.etc.motd.text = {recursive}; }}")
    completed = system_manager("build", "--store", "store", "--no-link", *options, directory=tmp_path)
    assert (completed.returncode, message or "") == (0 if message is None else 1, message or "")
    assert (message or "") in completed.stderr


# Options, a program, and what is said of it; the last three are errors.
LINTS = [
    (("--lint-url-literals", "warn"), "https://a.b", "warning: URL literals are discouraged"),
    (("--lint-url-literals", "warn"), '"https://a.b"', None),
    (("--lint-short-path-literals", "warn"), "a/b", "relative path literal 'a/b' should be prefixed with '.'"),
    (("--lint-short-path-literals", "warn"), "./a/b", None),
    (("--lint-short-path-literals", "warn"), "../a", None),
    (("--warn-short-path-literals",), "a/b", "'./a/b' (lint-short-path-literals)\n       at «string»:1:1:"),
    (("--lint-absolute-path-literals", "warn"), "/a/b", "absolute path literals are not portable"),
    (("--lint-absolute-path-literals", "warn"), "a/b", None),
    (("--lint-absolute-path-literals", "fatal"), "~/b", "home path literals are not portable"),
    (("--lint-absolute-path-literals", "fatal"), '/b/${"a"}', "replacing path literal '/b/'"),
    (("--lint-url-literals", "fatal"), "if false then a:b else 1", "URL literals are disallowed"),
]


@pytest.mark.parametrize(("options", "program", "said"), LINTS, ids=str)
def test_literals_to_do_without(options: tuple[str, ...], program: str, said: str | None, tmp_path: Path) -> None:
    completed = system_manager("eval", *options, "--expr", program, directory=tmp_path)
    assert completed.returncode == (1 if "fatal" in options else 0)
    assert (said or "") in completed.stderr
    assert (completed.stderr == "") == (said is None)
    # What is imported is looked at as well, and an answer at hand says the same.
    (tmp_path / "imported.nix").write_text(program)
    imported = [system_manager("eval", *options, "--expr", "import ./imported.nix", directory=tmp_path) for _ in "12"]
    assert imported[0].stderr == imported[1].stderr
    assert (said or "").partition("\n")[0] in imported[0].stderr
