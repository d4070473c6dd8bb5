"""Readers of the machine's own files: accounts, os-release, mount points, and what systemd-analyze says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from system_manager.activation.mounts import parse_mount_points
from system_manager.activation.tmpfiles_rules import made_by_rules, read_rules, unlike_rules
from system_manager.base.errors import SystemManagerError
from system_manager.host.accounts import Accounts, parse_ids
from system_manager.host.distribution import parse_os_release, read_distribution
from system_manager.host.root import Root
from system_manager.host.systemd import parse_verdict
from tests.conftest import unavailable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("root:x:0:0:root:/root:/bin/sh\n", {"root": 0}),
        ("users:x:100:\n", {"users": 100}),
        ("a:x:1:\na:x:2:\n", {"a": 1}),
        ("a:x:1:1:A\u2028b:x:2:1:B\x85c:x:3:\n", {"a": 1}),
        ("# comment:x:1\n\n+nis:x:1:\n-nis:x:2:\n", {}),
        ("no-number:x:abc:\nshort:x\n:x:1:\nnegative:x:-1:\nother-digits:x:\u0663:\n", {}),
    ],
)
def test_ids(text: str, expected: dict[str, int]) -> None:
    assert parse_ids(text) == expected


@pytest.mark.parametrize(
    ("name", "user", "group"),
    [
        ("root", 0, 0),
        ("alice", 1000, None),
        ("users", None, 100),
        ("5", 5, 5),
        ("+5", 5, 5),
        ("-5", None, None),
        ("", None, None),
        ("nobody-here", None, None),
    ],
)
def test_accounts_of_another_root(name: str, user: int | None, group: int | None, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nusers:x:100:\n")
    accounts = Accounts(Root(str(tmp_path)))
    assert (accounts.user_id(name), accounts.group_id(name)) == (user, group)


def test_accounts_that_appear_later(tmp_path: Path) -> None:
    accounts = Accounts(Root(str(tmp_path)))
    assert accounts.user_id("alice") is None
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("alice:x:7:7::/:/bin/sh\n")
    assert accounts.user_id("alice") is None
    accounts.forget()
    assert accounts.user_id("alice") == 7


def test_accounts_of_this_machine() -> None:
    accounts = Accounts(Root())
    assert (accounts.user_id("root"), accounts.group_id("root")) == (0, 0)
    assert accounts.user_id("certainly-not-here") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ID=debian", {"ID": "debian"}),
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', {"PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}),
        ("NAME='single quoted'", {"NAME": "single quoted"}),
        (r'NAME="an \"escape\""', {"NAME": 'an "escape"'}),
        ("VERSION_ID=", {"VERSION_ID": ""}),
        ("# ID=x", {}),
        ("not an assignment", {}),
        ("9ID=x", {}),
        ('ID="not closed', {}),
        ("  ID=x  ", {"ID": "x"}),
    ],
)
def test_os_release(line: str, expected: dict[str, str]) -> None:
    assert parse_os_release(line) == expected


def test_distribution(tmp_path: Path) -> None:
    for directory in ("etc", "usr/lib"):
        (tmp_path / directory).mkdir(parents=True)
    with pytest.raises(SystemManagerError, match="which distribution"):
        read_distribution(Root(str(tmp_path)))
    (tmp_path / "usr/lib/os-release").write_text(
        'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21"\nVERSION_CODENAME=vera\n'
    )
    (tmp_path / "etc/os-release").symlink_to("../usr/lib/os-release")
    found = read_distribution(Root(str(tmp_path)))
    assert (found.id, found.version_id, found.like) == ("linuxmint", "21", ("ubuntu", "debian"))


def test_mount_points() -> None:
    text = (
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "25 22 0:22 / /run rw,nosuid - tmpfs tmpfs rw\n"
        "30 22 8:1 / /mnt/with\\040blank rw - ext4 /dev/sdb1 rw\n"
        "broken line\n"
    )
    assert parse_mount_points(text) == {"/", "/run", "/mnt/with blank"}


SAID = """\
a.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.
Unit a.service has a bad unit file setting.
/tmp/u/b.service:3: Failed to parse service restart specifier, ignoring: sometimes
/tmp/u/b.service:4: Unknown key 'Foo' in section [Service], ignoring.
/tmp/u/c.service:2: Neither a valid executable name nor an absolute path: bin/x
c.service: Unit configuration has fatal error, unit will not be started.
Unit c.service has a bad unit file setting.
/tmp/u/g.service:2: Invalid section header '[Service'
Unit g.service failed to load properly, please adjust/correct and reload service manager: Bad message
b.service: Command /nonexist/x is not executable: No such file or directory
Unit mute.service has a bad unit file setting.
"""


def test_the_verdict_of_systemd() -> None:
    verdict = parse_verdict(SAID)
    assert verdict.refused == {
        "a.service": ("Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.",),
        "c.service": (
            "Neither a valid executable name nor an absolute path: bin/x",
            "Unit configuration has fatal error, unit will not be started.",
        ),
        "g.service": ("Invalid section header '[Service'",),
        "mute.service": ("systemd does not say why",),
    }
    assert verdict.ignored == (
        "b.service: Failed to parse service restart specifier, ignoring: sometimes",
        "b.service: Unknown key 'Foo' in section [Service], ignoring.",
    )


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("d /var/lib/x 0755 root root -", ["/var/lib/x"]),
        ("D! /var/lib/x", []),
        ("L+ /run/sw - - - - /nix/store/x", ["/run/sw"]),
        ("'f+' '/with blank' - - - - text", ["/with blank"]),
        ("# d /x", []),
        ("r /x", []),
        ("z /x", []),
        ("d /x/%i", []),
        ("d /x/*", []),
        ("d relative", []),
        ("d", []),
        ('d "unclosed', []),
        ("d /x/../y/", ["/y"]),
    ],
)
def test_what_tmpfiles_rules_make(rule: str, made: list[str]) -> None:
    assert made_by_rules(rule) == made


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ("d /there", {}),
        ("d /there 0750 0 0", {}),
        ("d /there - - -", {}),
        ("d /there 0700", {"/there": "has mode 0750 instead of 0700"}),
        ("d /there :0700\nd /file ~0700", {"/file": "is a file now"}),
        ("d /there 0750 7 -", {"/there": "belongs to 0:0 instead of 7:0"}),
        ("d /there 0750 - root", {}),
        ("d /there 0750 nobody-knows -", {}),
        ("d /there 0999", {}),
        ("d /gone", {"/gone": "is missing"}),
        ("d! /gone\nd /gone-%b\nd /go[n]e\nf /gone\nR /gone\nd", {}),
        ("L /gone", {"/gone": "is missing"}),
        ("L /link - - - - /elsewhere", {}),
        ("L+ /link - - - - /over-there", {"/link": "points to /here now"}),
        ("L+ /link - - - - /here", {}),
        ("L+ /link - - - - /%b", {}),
        ("L+ /file - - - - /here", {"/file": "is a file now"}),
        ("f /file 0600", {"/file": "has mode 0644 instead of 0600"}),
        # another rule decides about the mode, in ways of its own
        ("d /there 0700\nz /there 0750", {}),
        ("d /there 0700\nZ / 0750", {}),
        ("d /there 0700\nz /th* 0750", {}),
        ("d /there 0700\nz /ther 0750\nZ /ther", {"/there": "has mode 0750 instead of 0700"}),
        # the first one holds
        ("d /there 0750\nd /there 0700", {}),
    ],
)
def test_what_is_not_as_tmpfiles_rules_make_it(rules: str, what: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there").chmod(0o750)
    (tmp_path / "file").touch(0o644)
    (tmp_path / "link").symlink_to("/here")
    (tmp_path / "rules").write_text(rules)
    root = Root(str(tmp_path))
    if os.geteuid() != 0:
        unavailable("needs root, for things that belong to it")
    assert unlike_rules(root, Accounts(root), read_rules(root, "/rules")) == what
