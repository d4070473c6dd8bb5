"""The lock file: what is written is read again, and what is damaged is said to be."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from system_manager.evaluation.package_lock import (
    Lock,
    LockedIndex,
    LockedPackage,
    LockError,
    LockingIndex,
    SystemLock,
    encode_lock,
    read_lock,
    system_key,
)

HASH = "5eb32f68f51b55d5028cb1848fa6a46ec205d25c615214a0b7d25985ce25e088"
OLD = LockedPackage("hello", "1.0", "amd64", HASH, 1, "hello_1.0_amd64.deb")
NEW = LockedPackage("hello", "2.0", "amd64", HASH, 2, "hello_2.0_amd64.deb")
OTHER = LockedPackage("other", "1:3~rc1", "all", HASH, 3, "other_3~rc1_all.deb")
LOCK = Lock({"debian-12-x86_64-linux": SystemLock({"hello": OLD}, {"other": OTHER})})


class Archive:
    """Offers these packages."""

    def __init__(self, *packages: LockedPackage) -> None:
        self._packages = {package.name: package for package in packages}

    def names(self) -> Sequence[str]:
        return sorted(self._packages)

    def lookup(self, name: str) -> LockedPackage | None:
        return self._packages.get(name)

    def identity(self) -> str:
        return repr(self._packages)

    def advice(self) -> str | None:
        return None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "system-manager.lock"
    file.write_bytes(encode_lock(LOCK))
    read = read_lock(file)
    assert read is not None
    assert encode_lock(read) == encode_lock(LOCK)
    assert read.systems["debian-12-x86_64-linux"].packages["hello"] == OLD


def test_there_need_not_be_one(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "system-manager.lock") is None


def test_the_part_of_another_distribution_stays() -> None:
    changed = LOCK.with_system("arch-x86_64-linux", SystemLock({"hello": NEW}))
    assert changed.systems["debian-12-x86_64-linux"] == LOCK.systems["debian-12-x86_64-linux"]
    assert set(changed.systems) == {"debian-12-x86_64-linux", "arch-x86_64-linux"}


def test_a_rolling_distribution_has_no_version() -> None:
    assert system_key("arch", "", "x86_64-linux") == "arch-x86_64-linux"


def damaged(**fields: Any) -> str:
    entry = {
        "name": "hello",
        "version": "1",
        "architecture": "all",
        "sha256": HASH,
        "size": 1,
        "fileName": "x",
        **fields,
    }
    return json.dumps({"version": 1, "systems": {"a": {"packages": {"hello": entry}, "dependencies": {}}}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "something in it is of another type than it should be"),
        ("1", "something in it is of another type than it should be"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"version": 1}', "it lacks the field 'systems'"),
        ('{"version": 2, "systems": {}}', "its version is 2, and this program knows 1"),
        ('{"version": 1, "systems": []}', "something in it is of another type than it should be"),
        ('{"version": 1, "systems": {"a": {}}}', "it lacks the field 'packages'"),
        (
            '{"version": 1, "systems": {"a": {"packages": {"b": {}}, "dependencies": {}}}}',
            "it lacks the field 'version'",
        ),
        (
            '{"version": 1, "systems": {"a": {"packages": {"b": 1}, "dependencies": {}}}}',
            "something in it is of another type than it should be",
        ),
        (damaged(version=1), "the fields of 'hello' are not what they should be"),
        (damaged(sha256=None), "the fields of 'hello' are not what they should be"),
        (damaged(size="1"), "the fields of 'hello' are not what they should be"),
        ("\x00", "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "system-manager.lock"
    file.write_text(text)
    with pytest.raises(LockError, match=re.escape(f"the lock file is damaged: {said}")) as raised:
        read_lock(file)
    assert raised.value.where == str(file)
    assert "system-manager lock" in str(raised.value.hint)


def test_the_locked_version_is_taken_whatever_is_offered() -> None:
    index = LockedIndex(Archive(NEW), SystemLock({"hello": OLD}), Path("lock"))
    assert index.lookup("hello") == OLD
    assert index.used == {"hello": OLD}
    assert LockedIndex(Archive(), SystemLock({"hello": OLD}), Path("lock")).names() == ["hello"]


def test_what_is_not_locked_is_refused_unless_nobody_has_it() -> None:
    index = LockedIndex(Archive(NEW, OTHER), SystemLock({"hello": OLD}), Path("/etc/system-manager.lock"))
    with pytest.raises(LockError, match=r"'other' is not in /etc/system-manager\.lock"):
        index.lookup("other")
    assert index.lookup("absent") is None


@pytest.mark.parametrize(("update", "expected"), [((), OLD), (("hello",), NEW), (("other",), OLD)])
def test_locking_keeps_what_is_not_to_be_updated(update: tuple[str, ...], expected: LockedPackage) -> None:
    index = LockingIndex(Archive(NEW, OTHER), SystemLock({"hello": OLD}), Path("lock"), frozenset(update))
    assert index.lookup("hello") == expected
    assert index.lookup("other") == OTHER
    assert index.used == {"hello": expected, "other": OTHER}


def test_identity_changes_with_the_lock_and_with_the_archives() -> None:
    def identity(archive: Archive, package: LockedPackage) -> str:
        return LockedIndex(archive, SystemLock({"hello": package}), Path("lock")).identity()

    assert len({identity(Archive(OLD), OLD), identity(Archive(OLD), NEW), identity(Archive(NEW), NEW)}) == 3
