"""Files that are replaced in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.base.files import Mode, link_atomically, write_atomically

LONGEST = ("x" * 255, "é" * 127, "\udcff" * 255, "☃" * 85)


@pytest.mark.parametrize("name", LONGEST, ids=["ASCII", "two bytes", "no UTF-8", "three bytes"])
def test_the_longest_names_leave_room_for_a_temporary_one(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, b"old", mode=Mode(0o600))
    write_atomically(tmp_path / name, b"new", mode=Mode(0o600))
    assert (tmp_path / name).read_bytes() == b"new"
    link_atomically(tmp_path / name, "elsewhere")
    assert (tmp_path / name).readlink() == Path("elsewhere")
    assert len(list(tmp_path.iterdir())) == 1
