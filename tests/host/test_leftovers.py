"""The record of what packages have made in ``/etc``."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.host.leftovers import Leftovers
from system_manager.host.packages import PackageError

RECORD = "var/lib/system-manager/package-leftovers"


@pytest.mark.parametrize("name", ["pending.json", "installations.json"])
@pytest.mark.parametrize(
    "damaged", [b"", b'{"packages": ["a', b"\xff", b"[" * 100_000], ids=lambda data: repr(data[:9])
)
def test_damage_is_told_with_what_to_do(tmp_path: Path, name: str, damaged: bytes) -> None:
    file = tmp_path / RECORD / name
    file.parent.mkdir(parents=True)
    file.write_bytes(damaged)
    leftovers = Leftovers(tmp_path)
    with pytest.raises(PackageError, match="the record of what packages have made is damaged") as caught:
        leftovers.interrupted()
        leftovers.was_cleared(["a"])
    assert caught.value.where == f"/{RECORD}/{name}"
