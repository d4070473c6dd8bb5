"""The account databases as lines: nothing is lost, and nothing is understood that cannot be printed again."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.base.errors import SystemManagerError
from system_manager.host import files
from system_manager.host.account_files import (
    Edit,
    GroupEntry,
    GshadowEntry,
    Lines,
    PasswdEntry,
    ShadowEntry,
    SubordinateRange,
)
from system_manager.host.account_lock import LOCK_FILE, locked_accounts, wait_for_accounts
from system_manager.host.login_defs import IdRange, parse_login_defs
from system_manager.host.password_hash import hash_password, hash_with_salt
from system_manager.host.root import Root

FIELD = st.text(st.characters(codec="utf-8", exclude_characters=":\n,"), max_size=8)
NUMBER = st.integers(0, 2**32 - 2)


@given(st.binary(max_size=200))
def test_any_bytes_are_printed_again(data: bytes) -> None:
    assert Lines.parse(data).print() == data


@given(st.lists(st.sampled_from(["a:1", "b:2", "# c", "", "broken", "+::"]), max_size=6), st.booleans())
def test_edits_can_be_taken_back(lines: list[str], terminated: bool) -> None:
    before = Lines(tuple(lines), terminated or not lines)
    edits = [Edit(None, "new:9")] + ([Edit("a:1", "a:3")] if "a:1" in lines else [])
    back = before.edited(edits).without(edits)
    assert back.lines == before.lines


ENTRIES = (PasswdEntry, GroupEntry, GshadowEntry, ShadowEntry, SubordinateRange)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
@given(st.text(st.sampled_from("ab0123:,!#+-x "), max_size=30))
def test_what_is_understood_is_printed_again(entry: type[PasswdEntry], line: str) -> None:
    parsed = entry.parse(line)
    assert parsed is None or parsed.print() == line


@given(FIELD.filter(lambda name: bool(name) and name[0] not in "#+-"), NUMBER, NUMBER, FIELD, FIELD)
def test_users_are_read_back(name: str, uid: int, gid: int, home: str, shell: str) -> None:
    entry = PasswdEntry(name, "x", uid, gid, "", home, shell)
    assert PasswdEntry.parse(entry.print()) == entry


@pytest.mark.parametrize(
    "line",
    [
        "", "root", "root:x:0:0", "root:x:0:0::/root:/bin/sh:", "root:x:zero:0::/:/bin/sh", "root:x:-1:0::/:/bin/sh",
        "root:x:00:0::/:/bin/sh", "root:x:0:٣::/:/bin/sh", ":x:0:0::/:/bin/sh", "#root:x:0:0::/:/bin/sh",
        "+::::::", "-bob::::::", "root:x::0::/:/bin/sh", "root:x:0 :0::/:/bin/sh",
    ],
)  # fmt: skip
def test_no_user(line: str) -> None:
    assert PasswdEntry.parse(line) is None


@pytest.mark.parametrize("line", ["", "a:x:1", "a:x:one:", "a:x:1::", "#a:x:1:", "+:::", ":x:1:"])
def test_no_group(line: str) -> None:
    assert GroupEntry.parse(line) is None


@pytest.mark.parametrize("line", ["", "a:!", "a:!:1:::::", "a:!:1:::::::", "#a:!:1::::::", ":!:1::::::"])
def test_no_shadow_line(line: str) -> None:
    assert ShadowEntry.parse(line) is None


@pytest.mark.parametrize("line", ["", "a:1", "a:1:", "a::1", "a:x:1", "a:1:-1", "a:1:1:1", "#a:1:1"])
def test_no_range(line: str) -> None:
    assert SubordinateRange.parse(line) is None


def test_new_lines_come_before_those_for_nis() -> None:
    after = Lines.parse(b"a:1\n-x:\n+:\n").edited([Edit(None, "b:2")])
    assert after.print() == b"a:1\nb:2\n-x:\n+:\n"


def test_a_last_line_without_its_end_gets_one() -> None:
    assert Lines.parse(b"a:1").edited([Edit(None, "b:2")]).print() == b"a:1\nb:2\n"


@pytest.mark.parametrize(
    ("text", "users", "system"),
    [
        ("", IdRange(1000, 60000), IdRange(101, 999)),
        ("UID_MIN 500\n", IdRange(500, 60000), IdRange(101, 499)),
        ("#UID_MIN 500\nUID_MIN\n UID_MAX\t0x800 # so\n", IdRange(1000, 2048), IdRange(101, 999)),
        ("UID_MIN many\nSYS_UID_MIN 201\nSYS_UID_MAX 899\n", IdRange(1000, 60000), IdRange(201, 899)),
    ],
)
def test_ranges(text: str, users: IdRange, system: IdRange) -> None:
    ranges = parse_login_defs(text)
    assert (ranges.users, ranges.system_users) == (users, system)


def test_hashes() -> None:
    first, second = hash_password("secret"), hash_password("secret")
    assert first != second, "the salt is random"
    assert first.startswith("$6$")
    assert hash_with_salt("secret", first) == first
    assert hash_with_salt("other", first) != first


@pytest.mark.parametrize(("password", "setting"), [("x", "$nothing$salt$"), ("x", ""), ("a\0b", "$6$salt$")])
def test_hashes_that_cannot_be(password: str, setting: str) -> None:
    with pytest.raises(SystemManagerError):
        hash_with_salt(password, setting)


_HOLD = "import fcntl,os,sys;fd=os.open(sys.argv[1],os.O_WRONLY|os.O_CREAT,0o600);fcntl.lockf(fd,2);print();input()"


def test_the_lock_is_that_of_the_c_library(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    root = Root(str(tmp_path))
    command = [sys.executable, "-c", _HOLD, root.join(LOCK_FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SystemManagerError, match="another program"), locked_accounts(root, patience=0):
            pass
        holder.communicate("\n")
    with locked_accounts(root, patience=0):
        assert stat.S_IMODE(Path(root.join(LOCK_FILE)).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["passwd", "group", "shadow", "subgid"])
def test_an_open_editor_keeps_everybody_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    root, lock = Root(str(tmp_path)), tmp_path / f"etc/{name}.lock"
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as editor:
        lock.write_bytes(b"%d\0" % editor.pid)
        said = rf"another program(?s:.*){name}\.lock, of process {editor.pid}"
        with pytest.raises(SystemManagerError, match=said), locked_accounts(root, patience=0):
            pass
        with pytest.raises(SystemManagerError, match=said):
            wait_for_accounts(root, patience=0)
    with locked_accounts(root, patience=0):
        pass  # the editor died, and left its lock


@pytest.mark.parametrize("text", ["", "0", "-1", "all", "9" * 30, "our own"])
def test_a_lock_of_nobody(text: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd.lock").write_text(str(os.getpid()) if text == "our own" else text)
    wait_for_accounts(Root(str(tmp_path)), patience=0)
    assert sorted(entry.name for entry in (tmp_path / "etc").iterdir()) == ["passwd.lock"]


@pytest.mark.parametrize(
    ("now", "edits", "fits"),
    [
        ("a:x:1:1:::\nb:x:2:2:::", [Edit("b:x:2:2:::", "b:x:2:2:B::")], True),
        ("b:x:2:2:hand::", [Edit("b:x:2:2:::", "b:x:2:2:B::")], False),
        ("", [Edit("b:x:2:2:::", None)], False),
        ("a:x:1:1:::", [Edit(None, "b:x:2:2:::")], True),
        ("a:x:2:1:::", [Edit(None, "b:x:2:2:::")], False),
        ("b:x:3:1:::", [Edit(None, "b:x:2:2:::")], False),
        ("a:x:2:", [Edit(None, "b:x:2:c")], False),
        ("a:!:1:0::::", [Edit(None, "b:!:1:0::::")], True),
        ("b:!:1::::::", [Edit(None, "b:!:1::::::")], False),
        ("a:100000:65536", [Edit(None, "b:165536:65536")], True),
        ("a:100001:65536", [Edit(None, "b:165536:65536")], False),
        ("a:x:1:1:::", [Edit("a:x:1:1:::", "a:x:1:1:A::"), Edit("a:x:1:1:A::", "a:x:1:1:A:/a:")], True),
        ("a:x:1:", [Edit("a:x:1:", None), Edit(None, "a:x:1:b")], True),
        ("+::::::", [Edit(None, "b:x:2:2:::")], True),
    ],
)
def test_whether_edits_still_fit(now: str, edits: list[Edit], fits: bool) -> None:
    assert Lines.parse(now.encode()).fits(edits) is fits


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o640, 0o644])
def test_replacing_keeps_mode_owner_and_attributes(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "shadow"
    path.write_text("old")
    os.setxattr(path, "user.label", b"x")
    path.chmod(mode)
    files.replace_content(str(path), b"new", temporary=str(tmp_path / ".new"))
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert os.getxattr(path, "user.label") == b"x"
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["shadow"]
