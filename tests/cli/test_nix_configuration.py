"""Settings of the language that nix.conf makes: which files are read, and what counts where they disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.base.errors import SystemManagerError
from system_manager.cli.language_settings import language_settings
from system_manager.cli.nix_configuration import configured_settings
from tests.support.command import system_manager


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the one that a test writes."""
    for name in ("NIX_CONFIG", "NIX_PATH", "NIX_USER_CONF_FILES", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NIX_CONF_DIR", str(tmp_path / "etc"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


LINES = {
    "a setting": ("pure-eval = true", [("pure-eval", "true")]),
    "comments": ("# one\n  pure-eval = true # two\n#pure-eval = false", [("pure-eval", "true")]),
    "spaces": ("\tnix-path  =  a=/b   c=/d \r\n", [("nix-path", "a=/b c=/d")]),
    "no value": ("allowed-uris =", [("allowed-uris", "")]),
    "no last line end": ("a = 1\nb = 2", [("a", "1"), ("b", "2")]),
    "twice": ("a = 1\na = 2", [("a", "1"), ("a", "2")]),
    "a file that need not be there": ("!include /nowhere\na = 1", [("a", "1")]),
    "nothing": ("\n\n", []),
}


@pytest.mark.parametrize(("text", "settings"), LINES.values(), ids=LINES)
def test_lines(text: str, settings: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", text)
    assert list(configured_settings()) == settings


@pytest.mark.parametrize(
    "text", ["pure-eval", "pure-eval=true", "= true", "include", "include a b", "include /nowhere", "a = 1\nb : 2"]
)
def test_lines_that_are_no_settings(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", text)
    with pytest.raises(SystemManagerError) as caught:
        list(configured_settings())
    assert str(caught.value.where).startswith("NIX_CONFIG:")


def test_the_narrower_the_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "etc/nix.conf", "a = machine\ninclude more.conf\nb = machine")
    write(tmp_path / "etc/more.conf", "b = included")
    write(tmp_path / "xdg/nix/nix.conf", "a = all users")
    write(tmp_path / "home/.config/nix/nix.conf", "a = user")
    monkeypatch.setenv("NIX_CONFIG", "a = environment")
    assert list(configured_settings()) == [
        ("a", "machine"),
        ("b", "included"),
        ("b", "machine"),
        ("a", "all users"),
        ("a", "user"),
        ("a", "environment"),
    ]


def test_the_files_of_the_user_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "home/.config/nix/nix.conf", "a = not read")
    write(tmp_path / "one", "a = 1")
    write(tmp_path / "two", "a = 2")
    monkeypatch.setenv("NIX_USER_CONF_FILES", f"{tmp_path}/one:{tmp_path}/two:{tmp_path}/three")
    assert list(configured_settings()) == [("a", "2"), ("a", "1")]


def test_files_that_include_one_another_end(tmp_path: Path) -> None:
    write(tmp_path / "etc/nix.conf", "include nix.conf")
    with pytest.raises(SystemManagerError, match="too deeply"):
        list(configured_settings())


# Configuration, NIX_PATH, options: the search path, as both Nix 2.26 and 2.34 have it.
SEARCH_PATHS = {
    "configured": ("nix-path = a=/a", None, (), "a=/a"),
    "the variable replaces it": ("nix-path = a=/a\nextra-nix-path = b=/b", "c=/c", (), None),
    "an option replaces it": ("nix-path = a=/a", None, (("nix-path", "x=/x"),), "x=/x"),
    "an option adds to it": ("nix-path = a=/a", None, (("extra-nix-path", "x=/x"),), "a=/a x=/x"),
    "replaced and added to": ("extra-nix-path = a=/a\nnix-path = b=/b\nextra-nix-path = c=/c", None, (), "b=/b c=/c"),
    "added to twice": ("nix-path = a=/a\nextra-nix-path = b=/b\nextra-nix-path = c=/c", None, (), "a=/a b=/b c=/c"),
}


@pytest.mark.parametrize(("text", "variable", "options", "expected"), SEARCH_PATHS.values(), ids=SEARCH_PATHS)
def test_the_search_path(
    text: str,
    variable: str | None,
    options: tuple[tuple[str, str], ...],
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NIX_CONFIG", text)
    if variable is not None:
        monkeypatch.setenv("NIX_PATH", variable)
    settings = language_settings(options)
    assert settings.words("nix-path") == tuple((expected or "").split())


def test_what_does_not_concern_the_language_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", "substituters = https://cache.nixos.org\nfrobnicate = 1\npure-eval = true")
    assert language_settings(()).values == {"pure-eval": "true"}


@pytest.mark.parametrize(
    ("text", "program", "shown", "code"),
    [
        ("pure-eval = true", "builtins ? currentSystem", "false", 0),
        ("max-call-depth = 5", "let f = n: if n == 0 then 0 else f (n - 1); in f 9", "max-call-depth exceeded", 1),
        ("pure-eval true", "1", "syntax error in configuration line 'pure-eval true'", 1),
        ("pure-eval = maybe", "1", "'pure-eval' has invalid value 'maybe'", 2),
    ],
)
def test_programs_are_evaluated_as_configured(text: str, program: str, shown: str, code: int, tmp_path: Path) -> None:
    ended = system_manager("eval", "--expr", program, directory=tmp_path, environment={"NIX_CONFIG": text})
    assert (ended.returncode, shown in ended.stdout + ended.stderr) == (code, True)
