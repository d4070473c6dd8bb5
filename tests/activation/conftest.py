"""Where machines are that are changed again and again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.activation.image import remove
from tests.conftest import unavailable


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory in memory: a flush to disk would take most of the time."""
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    shared = Path("/dev/shm")
    directory = tempfile.mkdtemp(prefix="activation-", dir=shared if shared.is_dir() else None)
    yield Path(directory)
    remove(directory)
