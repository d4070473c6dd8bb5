"""Somebody works on the same file at the same time: whatever the moment, what they wrote is not lost."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from system_manager.host import renaming
from tests.activation import faults
from tests.activation.image import Image
from tests.activation.scenario import Result, below, put, run, tree

TARGET = "/etc/app/x"
BESIDE = "/etc/app/y"
THEIRS = "written by somebody else"


def copy(target: str, source: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "copy", "target": target, "source": f"/nix/store/{source}", **rest}


def link(target: str, source: str) -> dict[str, Any]:
    return {"kind": "link", "target": target, "source": f"/nix/store/{source}"}


# What was managed before, and is then.
CHANGES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "a copy comes": ([], [copy(TARGET, "one")]),
    "a link comes": ([], [link(TARGET, "one")]),
    "a copy changes": ([copy(TARGET, "one")], [copy(TARGET, "two")]),
    "a link changes": ([link(TARGET, "one")], [link(TARGET, "two")]),
    "a copy becomes a link": ([copy(TARGET, "one")], [link(TARGET, "two")]),
    "a link becomes a copy": ([link(TARGET, "one")], [copy(TARGET, "two")]),
    "only the mode changes": ([copy(TARGET, "one")], [copy(TARGET, "one", mode="0600")]),
    "a copy goes": ([copy(TARGET, "one"), copy(BESIDE, "one")], [copy(BESIDE, "one")]),
    "a directory goes": ([copy(TARGET, "one"), copy(BESIDE, "one")], []),
    "an original is replaced": ([], [copy(TARGET, "one", replaceExisting=True)]),
    "an original returns": ([copy(TARGET, "one", replaceExisting=True)], []),
}


def toplevel(root: Path, number: int, files: list[dict[str, Any]]) -> str:
    manifest = json.dumps({"version": 1, "files": [copy("/etc/app.conf", "one"), *files]})
    put(below(root, f"/nix/store/toplevel-{number}/manifest.json"), manifest)
    return f"/nix/store/toplevel-{number}"


def appended(path: str, open_: Callable[..., int] = os.open, write: Callable[..., int] = os.write) -> bool:
    """As ``>>`` does."""
    try:
        descriptor = open_(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    except OSError:  # there is no such file now
        return False
    write(descriptor, THEIRS.encode())
    os.close(descriptor)
    return True


def replaced(
    path: str,
    open_: Callable[..., int] = os.open,
    write: Callable[..., int] = os.write,
    rename: Callable[..., None] = os.rename,
) -> bool:
    """As editors and package managers do."""
    try:
        descriptor = open_(f"{path}~", os.O_WRONLY | os.O_CREAT, 0o644)
    except OSError:  # there is no such directory now
        return False
    write(descriptor, THEIRS.encode())
    os.close(descriptor)
    rename(f"{path}~", path)
    return True


def prepared(root: Path, files: list[dict[str, Any]], *, has_original: bool = False) -> Path:
    """A machine on which these files are managed."""
    for name, text in {"/etc/passwd": "", "/etc/group": "", "/nix/store/one": "1", "/nix/store/two": "22"}.items():
        put(below(root, name), text)
    (root / "run").mkdir()
    if has_original:
        put(below(root, TARGET), "the original")
    assert run(root, "activate", "--toplevel", toplevel(root, 1, files)).exit_code == 0
    return root


def disturbed(root: Path, chosen: str, index: int, edit: Callable[[str], bool]) -> tuple[Result, bool | None]:
    """Activate, with an edit before the change with this index; whether it could be made; None without such a one."""
    done: list[bool] = []

    def meanwhile(now: int, _name: str) -> None:
        if now == index:
            done.append(edit(str(below(root, TARGET))))

    with faults.intercepted(meanwhile):
        result = run(root, "activate", "--toplevel", chosen)
    return result, done[0] if done else None


def lost(change: str, edit: Callable[[str], bool], root: Path) -> tuple[int, list[int]]:
    """Make a change as often as it has moments, with an edit at each; how often it was taken back because of that, and
    the moments in which the edit was lost."""
    old, new = CHANGES[change]
    prepared(root, old, has_original=any("replaceExisting" in file for file in (*old, *new)))
    second, image = toplevel(root, 2, new), Image(root)
    refused, found = 0, []
    for index in range(10_000):
        image.put(root)
        result, done = disturbed(root, second, index, edit)
        if done is None:
            break
        assert not below(root, "/var/lib/system-manager/undo").exists()
        if done:
            refused += result.exit_code == 3
            if not any(THEIRS in entry.content for entry in tree(root).values()):
                found.append(index)
    return refused, found


@pytest.mark.parametrize("edit", [appended, replaced])
@pytest.mark.parametrize("change", CHANGES)
def test_at_every_moment(change: str, edit: Callable[[str], bool], place: Path) -> None:
    refused, found = lost(change, edit, place / "machine")
    assert found == []
    # Nobody can append to a link, or to what is not there yet.
    assert refused > 0 or (edit is appended and change.startswith(("a link", "a copy comes")))


def test_a_directory_that_somebody_makes_meanwhile(place: Path) -> None:
    """It is theirs: it stays as they made it, whether the run fails because of it or not."""

    def made(path: str, mkdir: Callable[..., None] = os.mkdir) -> bool:
        with contextlib.suppress(FileExistsError):
            mkdir(Path(path).parent, 0o700)
            return True
        return False

    old, new = CHANGES["a copy comes"]
    root = prepared(place / "machine", old)
    second, image = toplevel(root, 2, new), Image(root)
    stayed = 0
    for index in range(10_000):
        image.put(root)
        result, done = disturbed(root, second, index, made)
        if done is None:
            break
        if done:
            directory = below(root, TARGET).parent
            assert directory.stat().st_mode & 0o777 == 0o700
            stayed += result.exit_code == 3
    assert stayed > 0


def test_where_nothing_can_be_exchanged(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it is looked once more right before the rename."""
    monkeypatch.setattr(renaming, "_function", lambda: (None, lambda: 0))
    refused, found = lost("a copy changes", replaced, place / "machine")
    assert refused > 0
    assert len(found) == 1
