"""A store of one's own for each test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from system_manager.store.metadata import remove_tree
from system_manager.store.store import Store


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """An empty directory for a store; removed here, because pytest cannot remove what is read-only."""
    directory = tmp_path / "root"
    directory.mkdir()
    yield directory
    with contextlib.suppress(OSError):
        remove_tree(directory)


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    """An open, empty store."""
    with Store.open(root) as opened:
        yield opened
