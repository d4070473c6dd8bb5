"""What configurations become: ``configurations/<what it is>.nix`` with the whole outcome in a text beside it.

``--accept`` writes the texts. Store paths are shown without their hashes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.generation.manifest import parse_manifest
from tests.library.evaluation import CONFIGURATION, HERE, Ours, RealNix, without_hashes

CASES = sorted((HERE / "configurations").glob("*.nix"))
EMPTY = HERE / "configurations/empty.nix"


def show(case: Path) -> str:
    """An expression for the outcome of one configuration."""
    made, empty = CONFIGURATION % case, CONFIGURATION % EMPTY
    is_empty = "true" if case == EMPTY else "false"
    return f"import {HERE}/show-configuration.nix {{ made = {made}; empty = {empty}; isEmpty = {is_empty}; }}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_configuration(case: Path, ours: Ours, accept: bool) -> None:
    outcome = without_hashes(ours.value(show(case)))
    expected = case.with_suffix(".txt")
    if accept:
        expected.write_text(outcome)
    assert outcome == expected.read_text()


@pytest.mark.oracle
def test_configurations_in_real_nix(real_nix: RealNix) -> None:
    outcomes = real_nix.value("[ " + " ".join(f"({show(case)})" for case in CASES) + " ]")
    assert [without_hashes(outcome) for outcome in outcomes] == [case.with_suffix(".txt").read_text() for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_other_half_reads_the_manifest(case: Path, ours: Ours) -> None:
    text = ours.value(f"builtins.toJSON ({CONFIGURATION % case}).manifest")
    manifest = parse_manifest(text.encode(), where=case.name)
    assert manifest.system == "x86_64-linux"
    assert {file.target for file in manifest.files} >= {
        "/etc/systemd/system/system-manager.target",
        "/etc/tmpfiles.d/00-system-manager.conf",
    }
