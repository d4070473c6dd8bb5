"""Configurations that cannot be used: ``refused/<what is wrong>.nix``, and the lines that the message must have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.evaluation import CONFIGURATION, HERE, NixEvaluator, Ours, RealNix, RefusedError

CASES = sorted((HERE / "refused").glob("*.nix"))


def missing_lines(case: Path, evaluator: NixEvaluator) -> list[str]:
    """The expected lines that the message does not have."""
    with pytest.raises(RefusedError) as caught:
        evaluator.value(f"({CONFIGURATION % case}).toplevel.drvPath")
    message = str(caught.value)
    return [line for line in case.with_suffix(".error").read_text().splitlines() if line not in message]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_message(case: Path, ours: Ours) -> None:
    assert missing_lines(case, ours) == []


@pytest.mark.oracle
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_message_in_real_nix(case: Path, real_nix: RealNix) -> None:
    assert missing_lines(case, real_nix) == []
