"""Reading what numtide/system-manager leaves: its record in both formats, and hostile ones."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.generation.manifest import Unit
from system_manager.host.numtide import Managed, NumtideError, _parse, read_record, units_of
from system_manager.host.root import Root


def leaf(path: str, status: str) -> dict[str, Any]:
    return {"status": status, "path": path, "nested": {}}


def tree(*leaves: dict[str, Any]) -> dict[str, Any]:
    nested = {str(index): one for index, one in enumerate(leaves)}
    return {"fileTree": {"status": "unmanaged", "path": "/", "nested": nested}, "services": {}}


def paths(files: list[str], backed_up: list[str]) -> dict[str, Any]:
    return {"fileTree": {"files": files, "backedUpFiles": backed_up}, "services": {}, "version": 1}


@pytest.mark.parametrize(
    ("record", "files"),
    [
        (paths([], []), {}),
        (paths(["/etc/b", "/etc/a"], []), {"/etc/a": None, "/etc/b": None}),
        (paths([], ["/etc/a"]), {"/etc/a": "/etc/a.system-manager-backup"}),
        (paths(["/run/etc/a"], []), {"/run/etc/a": None}),
        (paths(["/home/x", "etc/x", "/etc/../home/x", "/etc/a\0b", ""], []), {}),
        (tree(leaf("/etc/a", "managed")), {"/etc/a": None}),
        (tree(leaf("/etc/a", "managedWithBackup")), {"/etc/a": "/etc/a.system-manager-backup"}),
        (tree(leaf("/etc/a", "unmanaged"), leaf("/etc/b", "new-in-a-later-version")), {}),
        (tree({**leaf("/etc/d", "managed"), "nested": {"a": leaf("/etc/d/a", "managed")}}), {"/etc/d/a": None}),
    ],
)
def test_records(record: dict[str, Any], files: dict[str, str | None]) -> None:
    assert _parse(json.dumps(record).encode()).files == files


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"fileTree":{}}', '{"fileTree":{"files":[1],"backedUpFiles":[]},"services":{}}', "\xff",
     '{"fileTree":' * 5000, '{"fileTree":' + '{"status":"managed","path":"/","nested":{"a":' * 5000],
)  # fmt: skip
def test_a_record_that_makes_no_sense(text: str) -> None:
    with pytest.raises(NumtideError, match="damaged"):
        _parse(text.encode("latin-1"))


def test_a_deep_tree_is_read_or_refused() -> None:
    text = '{"status":"unmanaged","path":"/","nested":{"a":' * 900 + json.dumps(leaf("/etc/a", "managed")) + "}}" * 900
    with contextlib.suppress(NumtideError):
        assert _parse(f'{{"fileTree":{text},"services":{{}}}}'.encode()).files == {"/etc/a": None}


def test_there_is_none(tmp_path: Path) -> None:
    assert read_record(Root(str(tmp_path))) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(files=JSON, services=JSON)
def test_any_record_is_read_or_refused(files: Any, services: Any) -> None:
    for record in ({"fileTree": files, "services": services}, {"fileTree": {"files": files, "backedUpFiles": files}}):
        try:
            assert isinstance(_parse(json.dumps(record).encode()), Managed)
        except NumtideError as error:
            assert error.hint


def test_units_are_what_their_links_say() -> None:
    directory = "/etc/systemd/system/"
    links = {
        f"{directory}web.service": "/nix/store/x/web.service",
        f"{directory}off.service": "/dev/null",
        f"{directory}web.service.d/a.conf": "/nix/store/x/a.conf",
        f"{directory}ssh.service.d/overrides.conf": "/nix/store/x/overrides.conf",
        f"{directory}multi-user.target.wants/web.service": "/nix/store/x/web.service",
        f"{directory}sysinit.target.requires/web.service": "/nix/store/x/web.service",
        f"{directory}no-unit": "/nix/store/x/no-unit",
        "/etc/motd": "/nix/store/x/motd",
    }
    assert units_of(links) == {
        "off.service": Unit(masked=True),
        "ssh.service": Unit(drop_ins=("/nix/store/x/overrides.conf",)),
        "web.service": Unit(
            "/nix/store/x/web.service",
            ("/nix/store/x/a.conf",),
            wanted_by=("multi-user.target",),
            required_by=("sysinit.target",),
        ),
    }
