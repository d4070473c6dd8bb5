"""How deeply programs may nest: as deeply as in Nix, and always with a clean end."""

from __future__ import annotations

import pytest

from system_manager.language.errors import EvaluationError, InfiniteRecursionError, StackOverflowError
from tests.language.evaluation import evaluate, make_evaluator

NESTED_LIST = "builtins.foldl' (inner: _: [ inner ]) [ ] (builtins.genList (x: x) 100000)"
NESTED_9000 = NESTED_LIST.replace("100000", "9000")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 9000", "9000", id="calls"),
        pytest.param("let f = n: m: if n == 0 then m else 1 + f (n - 1) m; in f 9000 1", "9001", id="calls-of-two"),
        pytest.param(
            "(builtins.foldl' (a: x: { v = a.v + x; }) { v = 0; } (builtins.genList (x: x) 120000)).v",
            "7199940000",
            id="lazy-chain",
        ),
        pytest.param(
            "let even = n: n == 0 || odd (n - 1); odd = n: n != 0 && even (n - 1); in even 9000", "true", id="mutual"
        ),
        pytest.param(
            "(builtins.foldl' (a: x: { v = a.v || a.v; }) { v = false; } (builtins.genList (x: x) 80000)).v",
            "false",
            id="conditions",
        ),
        pytest.param(NESTED_9000, "[ " * 9001 + "]" + " ]" * 9000, id="print"),
        pytest.param(f"builtins.deepSeq ({NESTED_9000}) 1", "1", id="deep-seq"),
        pytest.param(f"let l = {NESTED_9000}; m = {NESTED_9000}; in l == m", "true", id="equality"),
        pytest.param(f"builtins.stringLength (builtins.toJSON ({NESTED_9000}))", "18002", id="json"),
        pytest.param(
            "let f = n: if n == 0 then 1 else builtins.head (builtins.sort (a: b: a < b) [ (f (n - 1)) 2 ]); in f 3000",
            "1",
            id="sort",
        ),
        pytest.param(
            "let f = n: if n == 0 then 1 else builtins.head (map (x: f x) [ (n - 1) ]); in f 3000", "1", id="map"
        ),
        pytest.param(
            'let f = n: if n == 0 then "" else { __toString = _: f (n - 1); }; in builtins.stringLength "${f 3000}"',
            "0",
            id="to-string",
        ),
    ],
)
def test_deep_evaluation(text: str, expected: str) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 1000000",
        "let f = n: f (n + 1); in f 0",
        "let f = x: y: f y x; in f 0 1",
        "let f = { a }: f { inherit a; }; in f { a = 1; }",
        "let f = n: builtins.sort (a: b: f (n + 1)) [ 2 1 ]; in f 0",
        "let f = n: builtins.foldl' (a: b: f (n + 1)) 0 [ 1 2 ]; in f 0",
        'let f = n: "${f (n + 1)}"; in f 0',
        "let f = n: { inherit n; next = f (n + 1); }; in builtins.toJSON (f 0)",
        f"builtins.deepSeq ({NESTED_LIST}) 1",
        f"builtins.toJSON ({NESTED_LIST})",
        "{ __functor = self: self 1; } 1",
        "let s = { __toString = self: self; }; in toString s",
    ],
)
def test_runaway_recursion_ends_cleanly(text: str) -> None:
    with pytest.raises(StackOverflowError) as caught:
        evaluate(text, make_evaluator(max_call_depth=1000))
    assert "max-call-depth exceeded" in caught.value.render()


@pytest.mark.parametrize(
    "text", ["let x = x; in x", "let a = b; b = a + 1; in a", "rec { a = { inherit (a) b; }; }.a.b"]
)
def test_a_value_that_needs_itself_is_found_at_once(text: str) -> None:
    with pytest.raises(InfiniteRecursionError):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("(" * 5000 + "1" + ")" * 5000, "1", id="parentheses"),
        pytest.param(" + ".join(["1"] * 5000), "5000", id="sum"),
        pytest.param("builtins.length (" + " ++ ".join(["[ 1 ]"] * 3000) + ")", "3000", id="concatenation"),
        pytest.param("".join(f"if {n} == -1 then 0 else " for n in range(3000)) + "7", "7", id="else-if"),
        pytest.param("".join(f"let x{n} = {n}; in " for n in range(2000)) + "x1", "1", id="let"),
        pytest.param("with { }; " * 500 + "1", "1", id="with"),
        pytest.param("(" + "x: " * 2000 + "1" + ")" + " 0" * 2000, "1", id="curried"),
        pytest.param("{ a = " * 500 + "1" + "; }" * 500 + ".a" * 500, "1", id="selection"),
        pytest.param("{ a = " * 500 + "1" + "; }" * 500 + ".a" * 500 + " or 2", "1", id="selection-or"),
        pytest.param("{ a = " * 500 + "1" + "; }" * 500 + " ? " + "a." * 500 + "a", "false", id="test"),
        pytest.param("{ a = " * 2000 + "1" + "; }" * 2000 + ".a.a ? b", "false", id="sets"),
        pytest.param("let f = x: x; in " + "f (" * 2000 + "1" + ")" * 2000, "1", id="arguments"),
        pytest.param("!(" * 2001 + "true" + ")" * 2001, "false", id="not"),
        pytest.param('"${' * 500 + '"x"' + '}"' * 500, '"x"', id="interpolation"),
        pytest.param("{ x = 1; }" + " // { x = 2; }" * 2000, "{ x = 2; }", id="update"),
        pytest.param("(" * 100_000 + "1" + ")" * 100_000, "1", id="100 000 parentheses"),
        pytest.param("builtins.length " + "[" * 100_000 + "]" * 100_000, "1", id="100 000 lists"),
    ],
)
def test_deeply_nested_text(text: str, expected: str) -> None:
    assert evaluate(text) == expected


# The deepest program of each kind that Nix 2.34 accepts: with one call more it refuses them.
DEEPEST = {
    "calls": ("let f = n: if n == 0 then 0 else 1 + f (n - 1); in f {}", 9999),
    "operators": ("let f = n: if n == 0 then 0 else 1 - 1 * f (n - 1); in f {}", 3333),
    "negation": ("let f = n: if n == 0 then 0 else - f (n - 1); in f {}", 4999),
    "functors": ("let f = {{ __functor = self: n: if n == 0 then 0 else 1 + f (n - 1); }}; in f {}", 4999),
    "built-ins": ("let f = n: n == 0 || builtins.isNull (builtins.isAttrs (f (n - 1))); in f {}", 3333),
    "map": ("let f = n: if n == 0 then 0 else builtins.head (map f [ (n - 1) ]); in f {}", 4999),
    "seq": ("let f = n: if n == 0 then 0 else builtins.seq 1 (f (n - 1)); in f {}", 4999),
    "tryEval": ("let f = n: if n == 0 then 0 else (builtins.tryEval (f (n - 1))).value; in f {}", 4999),
    "deepSeq": ("let f = n: if n == 0 then 0 else builtins.deepSeq [ (f (n - 1)) ] 1; in f {}", 2499),
    "deep values": ("builtins.deepSeq (builtins.foldl' (v: _: [ v ]) 0 (builtins.genList (x: x) {})) 1", 9999),
    "strings": ('let f = n: if n == 0 then "" else toString (f (n - 1)); in f {}', 3333),
    "substring": ('let f = n: if n == 0 then "" else builtins.substring 0 1 (f (n - 1)); in f {}', 3333),
    "stringLength": ('let f = n: if n == 0 || builtins.stringLength (f (n - 1)) == 0 then "" else ""; in f {}', 3333),
    "equality": ("let f = n: n == 0 || [ (f (n - 1)) ] == [ true ]; in f {}", 3333),
    "json": ("builtins.toJSON (builtins.foldl' (v: _: [ v ]) 0 (builtins.genList (x: x) {}))", 9999),
}


@pytest.mark.parametrize(("text", "deepest"), DEEPEST.values(), ids=DEEPEST)
def test_nix_refuses_what_is_one_call_deeper(text: str, deepest: int) -> None:
    evaluate(text.format(deepest))
    with pytest.raises(StackOverflowError):
        evaluate(text.format(deepest + 1))


def test_the_limit_is_configurable() -> None:
    text = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 20000"
    assert evaluate(text, make_evaluator(max_call_depth=30_000)) == "20000"
    with pytest.raises(EvaluationError):
        evaluate(text, make_evaluator(max_call_depth=100))


def test_thunks_are_no_calls() -> None:
    text = "(builtins.foldl' (a: x: { v = a.v + x; }) { v = 0; } (builtins.genList (x: x) 50)).v"
    assert evaluate(text, make_evaluator(max_call_depth=3)) == "1225"
