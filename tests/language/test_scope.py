"""Name resolution: what variables mean, what units capture, and names that are bound nowhere."""

from __future__ import annotations

import pytest

from system_manager.language import syntax
from system_manager.language.errors import UndefinedVariableError
from system_manager.language.parser import parse
from system_manager.language.resolution import Binding, Dynamic, Resolution, Static
from system_manager.language.scope import resolve
from system_manager.language.syntax import walk
from tests.language.evaluation import string_source

GLOBALS = {"builtins": "builtins", "map": "map", "__head": "head", "__sub": "sub", "true": "true"}


def resolved(text: str, *scope_names: str) -> Resolution:
    source = string_source(text)
    return resolve(
        parse(source),
        source,
        global_names=GLOBALS,
        builtin_names=frozenset({"map", "head", "sub", "true", "builtins"}),
        scope_names=scope_names,
    )


def meanings(text: str) -> list[str]:
    """What each variable means, in the order of the text."""
    found = []
    for node, reference in resolved(text).references.items():
        if isinstance(reference, Binding):
            meaning = f"{node.name}: bound"
        elif isinstance(reference, Static):
            meaning = f"{node.name}: builtins.{reference.name}"
        else:
            meaning = f"{node.name}: in {len(reference.namespaces)} namespaces"
        found.append((node.position, meaning))
    return [meaning for _, meaning in sorted(found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: x", ["x: bound"]),
        ("map", ["map: builtins.map"]),
        ("__head", ["__head: builtins.head"]),
        ("map: map", ["map: bound"]),
        ("with 1; a", ["a: in 1 namespaces"]),
        ("with 1; with 2; a", ["a: in 2 namespaces"]),
        ("with 1; map", ["map: builtins.map"]),
        ("with builtins; head", ["builtins: builtins.builtins", "head: builtins.head"]),
        ("let builtins = 1; in with builtins; head", ["builtins: bound", "head: in 1 namespaces"]),
        ("with 1; x: x", ["x: bound"]),
        ("let inherit (builtins) head; in head", ["builtins: builtins.builtins", "head: builtins.head"]),
        ("let b = builtins; inherit (b) head; in head", ["builtins: builtins.builtins", "b: bound", "head: bound"]),
        ("let h = builtins.head; in h", ["builtins: builtins.builtins", "h: builtins.head"]),
        ("rec { __overrides = 1; h = builtins.head; g = h; }", ["builtins: builtins.builtins", "h: bound"]),
        ("{ a, b ? a }@c: c b", ["a: bound", "c: bound", "b: bound"]),
    ],
)
def test_meaning(text: str, expected: list[str]) -> None:
    assert set(meanings(text)) == set(expected)


def captures(text: str) -> dict[str, list[str]]:
    """What every unit that has a name in the program captures."""
    return {
        unit.name: sorted(binding.name for binding in unit.captures)
        for unit in resolved(text).by_identifier
        if unit.name is not None
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let a = f 1; f = x: x; in a", {"a": ["f"], "f": []}),
        ("let f = x: f x; in f", {"f": ["f"]}),
        ("x: let y = z: w: x; in y", {"y": ["x"]}),
        ("x: let y = z: { a = z x; }; in y", {"y": ["x"], "a": ["x", "z"]}),
        ("x: let y = z: w: v: x + v; in y", {"y": ["x"]}),
        ("w: with w; { a = b c; }", {"a": ["w"]}),
        ("with builtins; { a = head 1; }", {"a": []}),
        ("let inherit (builtins) head; in { a = head 1; }", {"a": []}),
        ("{ a, b }: rec { c = a d; d = 1; }", {"c": ["a", "d"]}),
    ],
)
def test_captures(text: str, expected: dict[str, list[str]]) -> None:
    found = captures(text)
    assert {name: found[name] for name in expected} == expected


def test_scope_of_the_caller_becomes_the_roots_environment() -> None:
    assert [binding.name for binding in resolved("a + c", "a", "b", "c").root.captures] == ["a", "c"]


@pytest.mark.parametrize(
    ("text", "variable", "column"),
    [
        ("x", "x", 1),
        ("let a = 1; in { b = a; c = d; }", "d", 28),
        ("x: y: z", "z", 7),
        ("{ a ? b }: a", "b", 7),
        ("rec { inherit a; }", "a", 15),
        ("let inherit a; in a", "a", 13),
        ("{ a = 1; b = a; }", "a", 14),
        ("with a; 1", "a", 6),
        ("assert a; 1", "a", 8),
        ("[ (if true then 1 else a) ]", "a", 24),
        ('"x${a}"', "a", 5),
        ("{}.${a}", "a", 6),
        ("{} ? ${a}", "a", 8),
        ("{ ${a} = 1; }", "a", 5),
        ("1 or a", "or", 3),
    ],
)
def test_undefined(text: str, variable: str, column: int) -> None:
    with pytest.raises(UndefinedVariableError) as caught:
        resolved(text)
    position = caught.value.position
    assert position is not None
    assert (caught.value.what, position.column) == (f"undefined variable '{variable}'", column)


def test_undefined_variable_suggests_names_in_scope() -> None:
    with pytest.raises(UndefinedVariableError) as caught:
        resolved("let value = 1; in x: valeu")
    assert caught.value.suggestions == ("value",)


def test_undefined_is_found_where_nothing_is_evaluated() -> None:
    with pytest.raises(UndefinedVariableError):
        resolved("if true then 1 else (x: y)")


def test_redefined_operator_is_a_call() -> None:
    result = resolved("let __sub = a: b: a; in 1 - 2")
    [replaced] = result.replaced.values()
    assert isinstance(replaced, syntax.Apply)


def test_every_variable_of_a_program_is_resolved() -> None:
    result = resolved("{ a, b ? a, ... }@c: with c; rec { d = a + e; inherit (c) f; g = f; ${d} = x: x h; }")
    variables = {node for node in walk(result.root.node) if isinstance(node, syntax.Variable)}
    assert variables == set(result.references)
    assert any(isinstance(reference, Dynamic) for reference in result.references.values())
