"""``NIX_PATH``, ``-I`` and ``<…>``, compared with what nix-instantiate finds; pure and restricted evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.base.events import CollectingObserver, Warned
from system_manager.evaluation.settings import (
    EvaluationSettings,
    Purity,
    SearchPathEntry,
    parse_search_path,
)
from system_manager.language.errors import EvaluationError, ThrownError
from tests.evaluation.conftest import evaluate
from tests.support.oracle import Oracle


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("/a", [("", "/a")]),
        ("/a:/b", [("", "/a"), ("", "/b")]),
        ("x=/a:/b:y=/c", [("x", "/a"), ("", "/b"), ("y", "/c")]),
        (":::/a:", [("", "/a")]),
        ("x=", [("x", "")]),
        ("x=/a=b", [("x", "/a=b")]),
        ("nixpkgs=https://example.org/x.tar.gz:/b", [("nixpkgs", "https://example.org/x.tar.gz"), ("", "/b")]),
        ("https://example.org:8080/x", [("", "https://example.org"), ("", "8080/x")]),
        ("nixpkgs=channel:nixos-unstable:/b", [("nixpkgs", "channel:nixos-unstable"), ("", "/b")]),
        ("nixpkgs=flake:nixpkgs:a=/b", [("nixpkgs", "flake:nixpkgs"), ("a", "/b")]),
        ("x=file:///a:/b", [("x", "file:///a"), ("", "/b")]),
        (" a b=/c:d\te ", [("", "a"), ("b", "/c"), ("", "d"), ("", "e")]),
    ],
)
def test_nix_path_is_split(text: str, entries: list[tuple[str, str]]) -> None:
    assert parse_search_path(text) == tuple(SearchPathEntry(*entry) for entry in entries)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "text",
    [
        "",
        "/a",
        "x=/a:/b:y=/c",
        ":::/a:",
        "x=",
        "x=/a=b",
        "n=https://example.org/x.tar.gz:/b",
        "n=channel:nixos:/b",
        "a b=/c",
    ],
)
def test_nix_splits_it_the_same_way(text: str, oracle: Oracle) -> None:
    nix = oracle.run(
        ["nix-instantiate", "--eval", "--strict", "--expr", "builtins.nixPath"], environment={"NIX_PATH": text}
    )
    settings = EvaluationSettings(search_path=parse_search_path(text))
    assert evaluate("builtins.nixPath", settings=settings) + "\n" == nix.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("one/default.nix", "one/lib/x.nix", "two/lib/x.nix", "two/only-two.nix", "three/one/default.nix"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"{name}"')
    (tmp_path / "link").symlink_to("one")
    return tmp_path


LOOKUPS = [
    (["one"], "<lib/x.nix>"),
    (["one", "two"], "<lib/x.nix>"),
    (["two", "one"], "<lib/x.nix>"),
    (["one", "two"], "<only-two.nix>"),
    (["n=one"], "<n>"),
    (["n=one"], "<n/lib/x.nix>"),
    (["n=one", "two"], "<lib/x.nix>"),
    (["n=nothing", "n=two"], "<n/lib/x.nix>"),
    (["n=one", "n=two"], "<n/only-two.nix>"),
    (["n/m=one", "n=two"], "<n/m>"),
    (["n/m=one", "n=two"], "<n/lib/x.nix>"),
    (["three"], "<one>"),
    (["n=link"], "<n/lib/x.nix>"),
    (["n=one/default.nix"], "<n>"),
    (["n=three/../two"], "<n/lib/x.nix>"),
]
FAILURES = [
    ([], "<n>"),
    (["n=one"], "<one>"),
    (["n=one"], "<nn>"),
    (["n=one"], "<n/nothing>"),
    (["n=nothing"], "<n>"),
    (["one"], "<two>"),
    (["n/m=one"], "<n>"),
]


def settings_for(entries: list[str], tree: Path) -> EvaluationSettings:
    parsed = [SearchPathEntry.parse(entry) for entry in entries]
    return EvaluationSettings(search_path=tuple(SearchPathEntry(e.prefix, f"{tree}/{e.path}") for e in parsed))


def ask_nix(oracle: Oracle, entries: list[str], tree: Path, text: str) -> tuple[int, str]:
    oracle.share(tree)
    options: list[str] = []
    for entry in entries:
        parsed = SearchPathEntry.parse(entry)
        prefix = f"{parsed.prefix}=" if parsed.prefix else ""
        options += ["-I", f"{prefix}{tree}/{parsed.path}"]
    completed = oracle.run(["nix-instantiate", "--eval", *options, "--expr", text])
    return completed.returncode, completed.stdout.strip()


@pytest.mark.oracle
@pytest.mark.parametrize(("entries", "text"), LOOKUPS)
def test_finds_what_nix_finds(entries: list[str], text: str, tree: Path, oracle: Oracle) -> None:
    assert ask_nix(oracle, entries, tree, text) == (0, evaluate(text, settings=settings_for(entries, tree)))


@pytest.mark.oracle
@pytest.mark.parametrize(("entries", "text"), FAILURES)
def test_finds_nothing_where_nix_does_not(entries: list[str], text: str, tree: Path, oracle: Oracle) -> None:
    assert ask_nix(oracle, entries, tree, text)[0] != 0
    with pytest.raises(ThrownError, match="was not found in the Nix search path"):
        evaluate(text, settings=settings_for(entries, tree))


@pytest.mark.parametrize(("entries", "text"), FAILURES)
def test_nothing_found_can_be_caught(entries: list[str], text: str, tree: Path) -> None:
    result = evaluate(f"(builtins.tryEval {text}).success", settings=settings_for(entries, tree))
    assert result == "false"


def test_an_entry_that_is_not_there_is_warned_about_once(tree: Path) -> None:
    observer = CollectingObserver()
    settings = settings_for(["n=nothing", "two"], tree)
    evaluate("[ <lib/x.nix> <only-two.nix> (builtins.tryEval <n>) ]", settings=settings, observer=observer)
    assert observer.events == [Warned(f"Nix search path entry '{tree}/nothing' does not exist, ignoring")]


@pytest.mark.parametrize("name", ["nix/../../state.py", "nix/..", "nix"])
def test_the_programs_own_files_are_only_those(name: str) -> None:
    with pytest.raises(ThrownError):
        evaluate(f'builtins.findFile [ ] "{name}"')


class TestRestricted:
    @pytest.fixture
    def settings(self, tree: Path) -> EvaluationSettings:
        return EvaluationSettings(
            purity=Purity.RESTRICTED,
            search_path=(SearchPathEntry("one", str(tree / "one")),),
            allowed_paths=frozenset({str(tree / "two")}),
        )

    @pytest.mark.parametrize(
        "text",
        [
            "import <one>",
            "builtins.readFile <one/lib/x.nix>",
            "builtins.readFile TREE/two/lib/x.nix",
            "builtins.readDir TREE/two",
            "builtins.pathExists TREE",
            '"${TREE/two}"',
            "import <nix/fetchurl.nix>",
        ],
    )
    def test_may_read_what_is_allowed(self, text: str, settings: EvaluationSettings, tree: Path) -> None:
        evaluate(text.replace("TREE", str(tree)), settings=settings)

    @pytest.mark.parametrize(
        "text",
        [
            "import TREE/three/one",
            "builtins.readFile TREE/three/one/default.nix",
            "builtins.readFile TREE/two/../three/one/default.nix",
            "builtins.readDir TREE/three",
            "builtins.readDir TREE/twofold",
            "builtins.readFileType TREE/three",
            '"${TREE/three}"',
            'builtins.path { path = TREE/three; name = "x"; }',
            'builtins.hashFile "md5" /etc/hostname',
            "builtins.readFile TREE/two/escape",
        ],
    )
    def test_may_not_read_anything_else(self, text: str, settings: EvaluationSettings, tree: Path) -> None:
        (tree / "two/escape").symlink_to(tree / "three/one/default.nix")
        with pytest.raises(EvaluationError, match="is forbidden in restricted mode"):
            evaluate(text.replace("TREE", str(tree)), settings=settings)

    def test_forbidden_paths_do_not_exist(self, settings: EvaluationSettings, tree: Path) -> None:
        assert evaluate(f"builtins.pathExists {tree}/three/one", settings=settings) == "false"

    def test_variables_are_empty(self, settings: EvaluationSettings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET", "x")
        assert evaluate('builtins.getEnv "SECRET"', settings=settings) == '""'


class TestPure:
    @pytest.mark.parametrize(
        ("text", "result"),
        [
            ("1 + 1", "2"),
            ("builtins ? currentTime", "false"),
            ("builtins ? currentSystem", "false"),
            ('builtins.getEnv "HOME"', '""'),
            ("builtins.nixPath", "[ ]"),
            ("builtins.pathExists /etc", "false"),
            ('builtins.readFile (builtins.toFile "x" "y")', '"y"'),
        ],
    )
    def test_knows_nothing_of_the_machine(self, text: str, result: str, store: object) -> None:
        search_path = (SearchPathEntry("one", "/"),)
        settings = EvaluationSettings(purity=Purity.PURE, search_path=search_path, write_store=True)
        assert evaluate(text, settings=settings, store=store) == result  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "text",
        [
            "builtins.readFile /etc/hostname",
            "import /etc/x.nix",
            "<one>",
            '"${/etc/hostname}"',
            'builtins.fetchurl "file:///etc/hostname"',
            'builtins.fetchTarball "file:///x.tar"',
            'builtins.fetchGit "/x"',
            'builtins.storePath "/nix/store/00000000000000000000000000000000-x"',
        ],
    )
    def test_may_not_look(self, text: str) -> None:
        settings = EvaluationSettings(purity=Purity.PURE, search_path=(SearchPathEntry("one", "/"),))
        with pytest.raises(EvaluationError, match="pure evaluation mode"):
            evaluate(text, settings=settings)
