"""What rules have changed is put back, also where nobody can say how far they had come."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from system_manager.activation import tmpfiles_undo
from system_manager.activation.change import Machine
from system_manager.activation.tmpfiles_rules import parse_rules
from system_manager.base.events import NullObserver
from system_manager.host.root import Root
from tests.activation.scenario import below, put, tree
from tests.conftest import unavailable

BEFORE = {
    "/srv/directory": {"mode": "2711"},
    "/srv/link": {"link": "/old"},
    "/srv/overwritten": {"text": "old", "mode": "0640", "user": 2, "attributes": {"user.note": "old"}},
    "/srv/pipe": {"special": "fifo"},
    "/srv/replaced/inside": "old",
    "/srv/tree/a/b": {"text": "old", "mode": "4750", "user": 3, "group": 4},
    "/srv/tree/link": {"link": "/etc"},
    "/srv/written-1": "old",
}
RULES = """
d  /srv/directory   0700 1 1
L+ /srv/link        -    - - - /new
f+ /srv/overwritten 0600 0 0 - new
L+ /srv/pipe        -    - - - /new
L= /srv/replaced    -    - - - /new
Z  /srv/tree        0755 5 6
w  /srv/written-*   -    - - - new
f  /srv/made        0600 - - - new
C  /srv/copied      -    - - - /srv/tree
"""
# As systemd-tmpfiles would, one by one.
DONE: dict[str, str | dict[str, Any]] = {
    "/srv/directory": {"mode": "0700", "user": 1, "group": 1},
    "/srv/link": {"link": "/new"},
    "/srv/overwritten": {"text": "new", "mode": "0600"},
    "/srv/pipe": {"link": "/new"},
    "/srv/replaced": {"link": "/new"},
    "/srv/tree/a": {"mode": "0755", "user": 5, "group": 6},
    "/srv/tree/a/b": {"mode": "0755", "user": 5, "group": 6},
    "/srv/written-1": "new",
    "/srv/made": {"text": "new", "mode": "0600"},
    "/srv/copied/a/b": "old",
}


def do(path: Path, what: str | dict[str, Any]) -> None:
    """Put something at a path, or give what is there another mode and owner."""
    if isinstance(what, dict) and what.keys() == {"mode", "user", "group"}:
        os.chown(path, what["user"], what["group"])
        path.chmod(int(what["mode"], 8))
    else:
        put(path, what)


@pytest.mark.parametrize("noted", [True, False], ids=["applied", "killed"])
@pytest.mark.parametrize("count", range(len(DONE) + 1))
def test_however_far_they_had_come(count: int, noted: bool, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to give files other owners")
    for path, what in BEFORE.items():
        put(below(tmp_path, path), what)
    (tmp_path / "var/lib/system-manager/undo").mkdir(parents=True)
    before = tree(tmp_path, times=True)
    machine = Machine(Root(str(tmp_path)), observer=NullObserver())
    machine.transaction = "0123456789ab"
    absent = ("/srv/copied", "/srv/made")
    looked = tmpfiles_undo.look_before(machine.root, parse_rules(RULES))
    tmpfiles_undo.keep(machine, looked)
    for path, what in list(DONE.items())[:count]:
        do(below(tmp_path, path), what)
    if noted:
        tmpfiles_undo.note_made(machine, absent)
    for _ in range(2):
        tmpfiles_undo.remove_made(machine, absent)
        tmpfiles_undo.put_back(machine, looked)
    # What nobody knows to be ours stays, when it is not empty.
    allowed = set() if noted else {path for path in tree(tmp_path) if path.startswith(absent)}
    now = {path: entry for path, entry in tree(tmp_path, times=True).items() if path not in allowed}
    assert {path: now.get(path) for path in before | now if not path.startswith("/var")} == before


def test_what_somebody_wrote_afterwards_stays(tmp_path: Path) -> None:
    (tmp_path / "var/lib/system-manager/undo").mkdir(parents=True)
    machine = Machine(Root(str(tmp_path)), observer=NullObserver())
    put(below(tmp_path, "/srv/data/made"), "by the rule")
    tmpfiles_undo.note_made(machine, ("/srv/data",))
    put(below(tmp_path, "/srv/data/other"), "by a service")
    tmpfiles_undo.remove_made(machine, ("/srv/data",))
    assert sorted(path.name for path in (tmp_path / "srv/data").iterdir()) == ["other"]
