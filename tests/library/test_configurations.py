"""What configurations become: ``configurations/<what it is>.nix`` with the whole outcome in a text beside it.

``--accept`` writes the texts. Store paths are shown without their hashes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from system_manager.generation.manifest import parse_manifest
from tests.library.evaluation import CONFIGURATION, HERE, NixEvaluator, Ours, RealNix, without_hashes

CASES = sorted((HERE / "configurations").glob("*.nix"))

_SHOW = f"""
let
  make = configuration: {CONFIGURATION % "configuration"};
  empty = make {HERE}/configurations/empty.nix;
  show = name: configuration:
    let made = make configuration; in {{
      text = import {HERE}/show-configuration.nix {{ inherit made empty; isEmpty = name == "empty"; }};
      manifest = builtins.toJSON made.manifest;
    }};
in
builtins.mapAttrs show {{ %s }}
"""


def outcomes(evaluator: NixEvaluator) -> dict[str, dict[str, str]]:
    """Text and manifest of every configuration; all at once, since they have the library in common."""
    values: dict[str, dict[str, str]] = evaluator.value(_SHOW % "".join(f'"{case.stem}" = {case};' for case in CASES))
    return values


@cache
def our_outcomes(evaluator: Ours) -> dict[str, dict[str, str]]:
    return outcomes(evaluator)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_configuration(case: Path, ours: Ours, accept: bool) -> None:
    outcome = without_hashes(our_outcomes(ours)[case.stem]["text"])
    expected = case.with_suffix(".txt")
    if accept:
        expected.write_text(outcome)
    assert outcome == expected.read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_other_half_reads_the_manifest(case: Path, ours: Ours) -> None:
    text = our_outcomes(ours)[case.stem]["manifest"]
    manifest = parse_manifest(text.encode(), where=case.name)
    assert manifest.system == "x86_64-linux"
    assert {file.target for file in manifest.files} >= {
        "/etc/systemd/system/system-manager.target",
        "/etc/tmpfiles.d/00-system-manager.conf",
    }


@pytest.mark.oracle
def test_real_nix_agrees(ours: Ours, real_nix: RealNix) -> None:
    assert outcomes(real_nix) == our_outcomes(ours)
