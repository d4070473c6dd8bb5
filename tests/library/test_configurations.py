"""What configurations become: ``configurations/<what it is>.nix`` with the whole outcome in a text beside it.

``--accept`` writes the texts. Store paths are shown without their hashes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.generation.manifest import parse_manifest
from tests.library.evaluation import CONFIGURATION, HERE, NixEvaluator, Ours, RealNix, without_hashes

CASES = sorted((HERE / "configurations").glob("*.nix"))
EMPTY = HERE / "configurations/empty.nix"


def show(case: Path, evaluator: NixEvaluator) -> str:
    """The outcome of one configuration."""
    made, empty = CONFIGURATION % case, CONFIGURATION % EMPTY
    is_empty = "true" if case == EMPTY else "false"
    text = evaluator.value(
        f"import {HERE}/show-configuration.nix {{ made = {made}; empty = {empty}; isEmpty = {is_empty}; }}"
    )
    return without_hashes(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_configuration(case: Path, ours: Ours, accept: bool) -> None:
    outcome = show(case, ours)
    expected = case.with_suffix(".txt")
    if accept:
        expected.write_text(outcome)
    assert outcome == expected.read_text()


@pytest.mark.oracle
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_configuration_in_real_nix(case: Path, real_nix: RealNix) -> None:
    assert show(case, real_nix) == case.with_suffix(".txt").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_other_half_reads_the_manifest(case: Path, ours: Ours) -> None:
    text = ours.value(f"builtins.toJSON ({CONFIGURATION % case}).manifest")
    manifest = parse_manifest(text.encode(), where=case.name)
    assert manifest.system == "x86_64-linux"
    assert {file.target for file in manifest.files} >= {
        "/etc/systemd/system/system-manager.target",
        "/etc/tmpfiles.d/00-system-manager.conf",
    }
