"""The evaluators that the library is tried with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.evaluation import Ours, RealNix
from tests.support.oracle import Oracle


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Ours:
    """Our evaluator, with compiled code shared by all tests."""
    return Ours(Path(tmp_path_factory.mktemp("code")))


@pytest.fixture
def real_nix(oracle: Oracle) -> RealNix:
    """A real Nix."""
    return RealNix(oracle)
