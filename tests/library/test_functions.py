"""Functions of ``lib``: a table per family, ``{ lib }: { "<what is so>" = <expression>; }``.

The expected values beside them were computed by nixpkgs' lib in a real Nix, so they say what modules rely on.
``fails`` stands for an expression that throws.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.library.evaluation import HERE, LIB, NixEvaluator, Ours, RealNix

TABLES = sorted((HERE / "functions").glob("*.nix"))

_EVALUATE = """
builtins.mapAttrs (
  _: value:
  let
    result = builtins.tryEval (builtins.deepSeq value value);
  in
  if result.success then {{ inherit (result) value; }} else {{ fails = true; }}
) (import {table} {{ lib = import {lib}; }})
"""


def expected(family: str) -> dict[str, Any]:
    """The values as they should be."""
    values: dict[str, Any] = json.loads((HERE / "functions" / f"{family}.json").read_text())
    return values


CASES = [(table.stem, name) for table in TABLES for name in expected(table.stem)]


def values(family: str, evaluator: NixEvaluator) -> dict[str, Any]:
    """The values of one table."""
    table = HERE / "functions" / f"{family}.nix"
    computed: dict[str, Any] = evaluator.value(_EVALUATE.format(table=table, lib=LIB))
    return computed


@cache
def our_values(family: str, evaluator: Ours) -> dict[str, Any]:
    return values(family, evaluator)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_case_has_an_expected_value(table: Any, ours: Ours) -> None:
    assert sorted(our_values(table.stem, ours)) == sorted(expected(table.stem))


@pytest.mark.parametrize(("family", "name"), CASES, ids=lambda part: part)
def test_our_evaluator_agrees(family: str, name: str, ours: Ours) -> None:
    assert our_values(family, ours)[name] == expected(family)[name]


@pytest.mark.oracle
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_real_nix_agrees(table: Any, real_nix: RealNix) -> None:
    assert values(table.stem, real_nix) == expected(table.stem)
