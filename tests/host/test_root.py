"""Logical paths, and following links without leaving the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from system_manager.host.root import LinkLoopError, Root


def test_paths_are_put_below_the_root_and_the_store(tmp_path: Path) -> None:
    root = Root(str(tmp_path / "machine"), str(tmp_path / "elsewhere"))
    assert root.join("/etc/motd") == f"{tmp_path}/machine/etc/motd"
    assert root.join("/nix/store/x") == f"{tmp_path}/elsewhere/nix/store/x"
    assert root.join("/nixos") == f"{tmp_path}/machine/nixos"
    assert not root.is_live


def test_the_root_of_the_running_machine() -> None:
    root = Root()
    assert (root.join("/etc/motd"), root.join("/nix/store/x"), root.is_live) == ("/etc/motd", "/nix/store/x", True)


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        ("/etc/file", "/etc/file"),
        ("/etc/absolute", "/srv/target"),
        ("/etc/absolute/below", "/srv/target/below"),
        ("/etc/relative", "/etc/file"),
        ("/etc/up", "/srv"),
        ("/etc/climbs-out", "/outside"),
        ("/etc/chain", "/srv/target"),
        ("/etc/missing/part", "/etc/missing/part"),
        ("/etc/dangling/x", "/no/where/x"),
        ("/etc/into-store", "/nix/store/x"),
        ("/etc//./file/", "/etc/file"),
        ("/etc/../etc/file", "/etc/file"),
        ("/", "/"),
    ],
)
def test_links_are_followed_inside_the_root(path: str, resolved: str, tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    (tmp_path / "outside").mkdir()
    for directory in ("etc", "srv/target", "nix/store/x"):
        (machine / directory).mkdir(parents=True)
    (machine / "etc/file").write_text("")
    for name, text in {
        "absolute": "/srv/target",
        "relative": "file",
        "up": "../srv",
        "climbs-out": "../../../../outside",
        "chain": "absolute",
        "dangling": "/no/where",
        "into-store": "/nix/store/x",
    }.items():
        (machine / "etc" / name).symlink_to(text)
    assert Root(str(machine)).resolve(path) == resolved


@pytest.mark.parametrize("loop", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "a/x"}])
def test_loops_are_found(loop: dict[str, str], tmp_path: Path) -> None:
    for name, text in loop.items():
        (tmp_path / name).symlink_to(text)
    with pytest.raises(LinkLoopError):
        Root(str(tmp_path)).resolve("/a")
