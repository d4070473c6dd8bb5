"""The examples: each evaluates, says what it should, and is the same derivation for us and for a real Nix."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.evaluation import CONFIGURATION, PROJECT, Ours, RealNix

EXAMPLES = sorted((PROJECT / "examples").glob("*/system.nix"))


def name(example: Path) -> str:
    return example.parent.name


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_is_listed(example: Path) -> None:
    assert f"[`{name(example)}`]({name(example)}/system.nix)" in (PROJECT / "examples/README.md").read_text()


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_has_no_warnings(example: Path, ours: Ours) -> None:
    assert ours.value(f"({CONFIGURATION % example}).config.warnings") == []


@pytest.mark.oracle
@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_is_the_same_derivation_in_real_nix(example: Path, ours: Ours, real_nix: RealNix) -> None:
    toplevel = f"({CONFIGURATION % example}).toplevel"
    assert ours.value(f"{toplevel}.drvPath") == real_nix.derivation(toplevel)
