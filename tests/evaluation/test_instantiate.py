"""Which derivations a value holds, and what ``-A``, ``--arg`` and automatic calls select, as in nix-instantiate."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.evaluation.instantiate import find_derivations
from system_manager.evaluation.selection import call_automatically, parse_attribute_path, select_along
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.errors import EvaluationError
from system_manager.language.printer import print_value
from system_manager.store.store import Store
from tests.support.oracle import Oracle

PROGRAM = """
let d = name: derivation { inherit name; builder = "b"; system = "s"; outputs = [ "out" "dev" ]; };
    a = d "a"; b = d "b"; c = d "c";
in
"""


def instantiate(text: str, store: Store, attribute: str = "", **texts: str) -> list[str]:
    settings = EvaluationSettings(write_store=True)
    with EvaluationSession(settings, store=store) as session:

        def work() -> list[str]:
            arguments = session.automatic_arguments({}, texts)
            value = session.evaluate_text(PROGRAM + text, directory="/")
            path = parse_attribute_path(attribute)
            return [str(found) for found in find_derivations(select_along(value, path, arguments), arguments, path)]

        return session.run(work)


FOUND = [
    ("a", "", {}),
    ("a.dev", "", {}),
    ("[ b a ]", "", {}),
    ("{ z = a; b = c; }", "", {}),
    ("{ z = a; b = { inner = c; }; }", "", {}),
    ("{ z = a; b = { recurseForDerivations = true; inner = c; }; }", "", {}),
    ("{ z = a; b = { recurseForDerivations = false; inner = c; }; }", "", {}),
    ("{ b = { recurseForDerivations = true; deeper = { recurseForDerivations = true; inner = c; }; }; }", "", {}),
    ("{ inner = { inherit a b; }; }", "inner", {}),
    ("{ inner = { inherit a b; }; }", "inner.b", {}),
    ('{ "with.dot" = a; }', '"with.dot"', {}),
    ('{ "with.dot".x = a; }', '"with.dot".x', {}),
    ('{ "with space" = a; "1" = b; ok = c; }', "", {}),
    ("[ a [ b ] ]", "", {}),
    ("[ a { x = b; } ]", "", {}),
    ("[ a b c ]", "1", {}),
    ("{ l = [ a { m = b; } ]; }", "l.1.m", {}),
    ("{ x ? a }: x", "", {}),
    ("{ x ? a, ... }: { inherit x; }", "x", {}),
    ("{ n }: d n", "", {"n": "named"}),
    ('{ n, ... }@all: d (n + (all.other or ""))', "", {"n": "named", "other": "more"}),
    ("{ n }: { f = { m, n }: d (n + m); }", "f", {"n": "x", "m": "y"}),
    ('{ f = { m ? "z" }: { g = d m; }; }', "f.g", {}),
    ("{ __functor = self: { n }: d n; }", "", {"n": "functor"}),
    ("{ x = a; y = a; }", "", {}),
    ('{ x = 1; y = "text"; z = _: a; }', "", {}),
    ("{ }", "", {}),
    ("[ ]", "", {}),
]
FAILING = [
    ("1", "", {}),
    ('"text"', "", {}),
    ("x: a", "", {}),
    ("[ 1 ]", "", {}),
    ("{ inner = a; }", "nothing", {}),
    ("{ inner = a; }", "inner.nothing", {}),
    ("{ inner = a; }", "inner.name.x", {}),
    ("[ a ]", "1", {}),
    ("[ a ]", "x", {}),
    ("{ x = a; }", "0", {}),
    ("{ x = a; }", '"x', {}),
    ("{ x = a; }", ".x", {}),
    ("{ n }: d n", "", {}),
    ("{ n }: d n", "", {"m": "x"}),
    ('{ x = a; y = throw "no"; }', "", {}),
    ("{ x = { recurseForDerivations = 1; }; }", "", {}),
    ('{ type = "derivation"; }', "", {}),
    ('{ type = "derivation"; name = "x"; drvPath = "/x"; outputName = "out"; }', "", {}),
]


def ask_nix(oracle: Oracle, nix: Path, text: str, attribute: str, texts: dict[str, str]) -> tuple[int, list[str]]:
    nix.mkdir()
    oracle.share(nix, "/nix")
    options = ["-A", attribute] if attribute else []
    for name, value in texts.items():
        options += ["--argstr", name, value]
    completed = oracle.run(["nix-instantiate", *options, "--expr", PROGRAM + text])
    return completed.returncode, completed.stdout.splitlines()


@pytest.mark.oracle
@pytest.mark.parametrize(("text", "attribute", "texts"), FOUND)
def test_prints_what_nix_prints(
    text: str, attribute: str, texts: dict[str, str], store: Store, oracle: Oracle, tmp_path: Path
) -> None:
    status, expected = ask_nix(oracle, tmp_path / "nix", text, attribute, texts)
    assert status == 0
    assert instantiate(text, store, attribute, **texts) == expected


@pytest.mark.oracle
@pytest.mark.parametrize(("text", "attribute", "texts"), FAILING)
def test_fails_where_nix_fails(
    text: str, attribute: str, texts: dict[str, str], store: Store, oracle: Oracle, tmp_path: Path
) -> None:
    status, _ = ask_nix(oracle, tmp_path / "nix", text, attribute, texts)
    assert status != 0
    with pytest.raises(EvaluationError):
        instantiate(text, store, attribute, **texts)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ('a."b.c".d', ("a", "b.c", "d")),
        ('"a b"', ("a b",)),
        ('x"y.z"', ("xy.z",)),
        ("a.", ("a",)),
        (".a", ("", "a")),
        ("a..b", ("a", "", "b")),
        ('a.""', ("a",)),
        ("a.0", ("a", "0")),
    ],
)
def test_attribute_paths(text: str, names: tuple[str, ...]) -> None:
    assert parse_attribute_path(text) == names


def test_arguments_are_evaluated_only_when_needed() -> None:
    with EvaluationSession(EvaluationSettings()) as session:

        def work() -> str:
            arguments = session.automatic_arguments({"x": "1 + 1", "y": 'throw "never"'}, {})
            function = session.evaluate_text("{ x, y }: x", directory="/")
            return print_value(call_automatically(function, arguments))

        assert session.run(work) == "2"


def test_a_wrong_name_gets_a_suggestion(store: Store) -> None:
    with pytest.raises(EvaluationError) as raised:
        instantiate("{ package = a; }", store, "pakage")
    assert raised.value.suggestions == ("package",)
