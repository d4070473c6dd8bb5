"""Errors as a user sees them: message, place, frames, advice. And faults of the evaluator, which look different.

``errors/<name>.nix`` is a program that fails; ``<name>.expected`` the rendered error with its whole trace.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from system_manager.language.builtins.registry import Builtin, Family
from system_manager.language.builtins.table import PURE_BUILTINS
from system_manager.language.effects import NoEffects
from system_manager.language.errors import (
    EvaluationError,
    Frame,
    InternalError,
    MissingAttributeError,
    suggest_names,
)
from system_manager.language.evaluator import Evaluator
from system_manager.language.runtime import force_deep
from system_manager.language.source import Source
from tests.language.evaluation import evaluate, make_evaluator
from tests.support.expectations import compare

PROGRAMS = sorted(Path(__file__).parent.joinpath("errors").glob("*.nix"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_rendered(program: Path, accept: bool) -> None:
    evaluator = make_evaluator()
    source = Source(program.read_text(), f"/{program.name}", "/")
    with pytest.raises(EvaluationError) as caught:
        evaluator.run(lambda: force_deep(evaluator.evaluate(source)))
    assert not isinstance(caught.value, InternalError)
    compare(caught.value.render(show_trace=True) + "\n", program.with_suffix(".expected"), accept=accept)


def failing_evaluator(function: Any) -> Evaluator:
    """An evaluator whose built-in ``fail`` is a Python function with a mistake in it."""
    broken = Builtin("fail", 1, function, "Fails.")
    return Evaluator(builtins=[*PURE_BUILTINS, Family({"fail": 1}, lambda: [broken])], effects=NoEffects())


@pytest.mark.parametrize(
    "function",
    [
        lambda x: {}["a"],
        lambda x: {"a": 1}["b"]["c"],
        lambda x: len(x)["a"],
        lambda x: None + 1,
        lambda x: x.no_such_thing,
        lambda x: [x].pop(1),
        lambda x: 1 // 0,
        lambda x: undefined_name,  # noqa: F821
    ],
)
def test_a_mistake_in_the_evaluator_is_no_error_of_the_program(function: Any) -> None:
    with pytest.raises(InternalError) as caught:
        evaluate("{ a = __fail 1; }", failing_evaluator(function))
    assert caught.value.__cause__ is not None
    assert "this is a fault of the program" in caught.value.render()


def test_a_mistake_is_not_caught_by_try_eval() -> None:
    with pytest.raises(InternalError):
        evaluate("builtins.tryEval (__fail 1)", failing_evaluator(lambda x: {}["a"]))


def test_short_traces_are_cut_and_contexts_stay() -> None:
    error = MissingAttributeError("attribute 'a' missing", suggestions=["b", "c"])
    error.frames = (*(Frame(f"step {number}") for number in range(6)), Frame("important", important=True))
    text = error.render()
    assert "step 3" in text
    assert "step 4" not in text
    assert "… important" in text
    assert "--show-trace" in text
    assert text.endswith("error: attribute 'a' missing\nDid you mean b or c?")
    assert "step 5" in error.render(show_trace=True)


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("nmae", ["name", "other"], ("name",)),
        ("a", ["b", "c", "d", "e"], ("b", "c", "d")),
        ("foo", ["foobar"], ()),
        ("port", ["ports", "sport", "part"], ("part", "ports", "sport")),
        ("x", [], ()),
    ],
)
def test_suggestions(name: str, candidates: list[str], expected: tuple[str, ...]) -> None:
    assert suggest_names(name, candidates) == expected


def test_the_same_error_is_found_again_after_it_was_caught() -> None:
    text = (
        'let x = { a = y; }; y = throw "deep"; in [ (builtins.tryEval x.a).success (builtins.tryEval y).success x.a ]'
    )
    with pytest.raises(EvaluationError) as caught:
        evaluate(text)
    assert caught.value.what == "deep"


def test_evaluation_can_go_on_after_an_error() -> None:
    evaluator = make_evaluator()
    for _ in range(2):
        with pytest.raises(EvaluationError, match="again"):
            evaluate('let x = throw "again"; in x', evaluator)
    assert evaluate("1 + 1", evaluator) == "2"


# The condition of an assertion, and what is said where it does not hold: Nix 2.34's words.
INEQUALITIES = [
    ("1 == 2", "an integer with value '1' is not equal to an integer with value '2'"),
    ("1.0 == 2", "a float with value '1' is not equal to an integer with value '2'"),
    ('1 == "a"', "an integer of value '1' is not equal to a string of value '\"a\"'"),
    ("null == 1", "null of value 'null' is not equal to an integer of value '1'"),
    ("true == false", "boolean 'true' is not equal to boolean 'false'"),
    ('"a" == "b"', "string '\"a\"' is not equal to string '\"b\"'"),
    ("/a == /b", "path '/a' is not equal to path '/b'"),
    ("[ 1 2 ] == [ 1 3 ]", "an integer with value '2' is not equal to an integer with value '3'"),
    (
        "[ 1 ] == [ 1 2 ]",
        "list of size '1' is not equal to list of size '2', left hand side is '[ 1 ]', right hand side is '[ 1 2 ]'",
    ),
    ("{ a.b = 1; } == { a.b = 2; }", "an integer with value '1' is not equal to an integer with value '2'"),
    ("{ a = 1; } == { b = 1; }", "attribute name 'a' is contained in '{ a = 1; }', but not in '{ b = 1; }'"),
    (
        "{ a = 1; b = 2; } == { a = 1; }",
        "attribute names of attribute set '{ a = 1; b = 2; }' differs from attribute set '{ a = 1; }'",
    ),
    ("(x: x) == (x: x)", "distinct functions and immediate comparisons of identical functions compare as unequal"),
    ("(let x = 5; in x) == (let y = 6; in y)", "an integer with value '5' is not equal to an integer with value '6'"),
    ("map (x: x + 1) [ 1 ] == [ 3 ]", "an integer with value '2' is not equal to an integer with value '3'"),
    ("1 != 1", "assertion '(1 != 1)' failed"),
    ("(with { }; 1) == 2", "assertion '((with { }; 1) == 2)' failed"),
]


@pytest.mark.parametrize(("condition", "said"), INEQUALITIES)
def test_an_assertion_says_what_differs(condition: str, said: str) -> None:
    for program in (f"assert {condition}; 1", f"let f = x: assert {condition}; x; in f 1"):
        with pytest.raises(EvaluationError) as caught:
            evaluate(program)
        assert caught.value.what == said
    assert evaluate(f"(builtins.tryEval (assert {condition}; 1)).success") == "false"
