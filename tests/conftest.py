"""Fixtures for all rings. A test whose tools are missing is skipped by name with the reason; under CI it fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.support import oracle as nix_oracle
from tests.support.roots import UnavailableError


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"under CI nothing may be skipped: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def _nix() -> nix_oracle.Oracle | str:
    try:
        return nix_oracle.nix()
    except UnavailableError as error:
        return str(error)


@pytest.fixture
def oracle(_nix: nix_oracle.Oracle | str) -> nix_oracle.Oracle:
    """A real Nix 2.26. What one test shares with it, the next does not see."""
    if isinstance(_nix, str):
        unavailable(_nix)
    return nix_oracle.Oracle(_nix.root)
