"""``pkgs`` of the built-in channel: the distribution's packages, and the small builders."""

from __future__ import annotations

import pytest

from tests.library.evaluation import HERE, LIB, LIBRARY, NixEvaluator, Ours, RealNix, RefusedError

PACKAGES = f"import {LIBRARY}/packages {{ lib = import {LIB}; distribution = import {HERE}/distribution.nix; }}"
TABLE = f"import {HERE}/packages.nix {{ pkgs = {PACKAGES}; }}"

REFUSED = {
    "pkgs.docker.name": "debian 12 has no package 'docker.io'",
    "pkgs.nothing-of-that-name": "attribute 'nothing-of-that-name' missing",
    "pkgs.stdenv.mkDerivation { }": "the built-in channel",
    '(pkgs.fetchurl { url = "https://example.org/x"; }).outPath': "fetchurl needs the hash of what it fetches",
    "pkgs.callPackage ({ curll }: curll) { }": 'needs the argument "curll"',
    '((pkgs.formats.toml { }).generate "x" { a = [ null ]; }).text': "TOML has no null",
    '(pkgs.writeShellApplication { name = "a"; text = ""; runtimeEnv."a-b" = 1; }).text': (
        "a-b is not a valid shell variable name"
    ),
}


def differing(evaluator: NixEvaluator) -> list[object]:
    """The cases of the table that are not as expected, with what they are."""
    values: dict[str, dict[str, object]] = evaluator.value(TABLE)
    return [(name, case["expr"]) for name, case in values.items() if case["expr"] != case["expected"]]


def test_values(ours: Ours) -> None:
    assert differing(ours) == []


@pytest.mark.oracle
def test_values_in_real_nix(real_nix: RealNix) -> None:
    assert differing(real_nix) == []


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression: str, ours: Ours) -> None:
    with pytest.raises(RefusedError) as caught:
        ours.value(f"let pkgs = {PACKAGES}; inherit (pkgs) lib; in {expression}")
    assert REFUSED[expression] in str(caught.value)
