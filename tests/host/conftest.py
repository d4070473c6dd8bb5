"""A Debian system for apt, in a directory."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.host.apt_root import AptRoot


@pytest.fixture
def apt(tmp_path: Path) -> AptRoot:
    missing = [tool for tool in ("apt-get", "dpkg-deb", "dpkg-scanpackages") if shutil.which(tool) is None]
    if missing:
        unavailable(f"needs {', '.join(missing)}; on Debian: apt-get install dpkg-dev")
    return AptRoot.create(tmp_path)
