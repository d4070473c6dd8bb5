"""SELinux labels, with the real library and a policy's file contexts; the kernel here need not have SELinux."""

from __future__ import annotations

import ctypes
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from system_manager.activation import transaction
from system_manager.activation.change import Machine
from system_manager.activation.known_state import read_state
from system_manager.activation.plan import Target
from system_manager.activation.toplevel import read_toplevel
from system_manager.base.events import NullObserver
from system_manager.generation.manifest import nothing
from system_manager.host.labels import ATTRIBUTE, LabelError, Labels, is_enforced, set_label
from system_manager.host.root import Root
from tests.activation import faults
from tests.activation.scenario import below, put, run
from tests.conftest import unavailable

CONTEXTS = """
/.*                                 system_u:object_r:default_t:s0
/etc(/.*)?                          system_u:object_r:etc_t:s0
/etc/shadow.*                --     system_u:object_r:shadow_t:s0
/etc/systemd/system(/.*)?           system_u:object_r:systemd_unit_file_t:s0
/etc/app/run                 -d     system_u:object_r:run_t:s0
/etc/app/run                 -l     system_u:object_r:run_link_t:s0
/etc/nothing                        <<none>>
/etc/subuid                  --     system_u:object_r:passwd_file_t:s0
/home(/deep)?                -d     system_u:object_r:home_root_t:s0
/home/deep/[^/]+             -d     system_u:object_r:user_home_dir_t:s0
/var/lib/systemd/linger(/.*)?       system_u:object_r:systemd_logind_var_lib_t:s0
"""


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    if os.geteuid() != 0:
        unavailable("needs root, to label files")
    try:
        ctypes.CDLL("libselinux.so.1")
    except OSError:
        unavailable("needs libselinux")
    contexts = tmp_path / "file_contexts"
    contexts.write_text(CONTEXTS)
    return Labels(str(contexts))


def activate(machine: Machine, target: Target) -> None:
    transaction.activate(machine, read_state(machine.root), target, verb="switch")


@pytest.mark.parametrize(
    ("path", "kind", "label"),
    [
        ("/etc/motd", stat.S_IFREG, "system_u:object_r:etc_t:s0"),
        ("/etc/shadow-", stat.S_IFREG, "system_u:object_r:shadow_t:s0"),
        ("/etc/shadow-", stat.S_IFDIR, "system_u:object_r:etc_t:s0"),
        ("/etc/systemd/system/a.service.d/b.conf", stat.S_IFREG, "system_u:object_r:systemd_unit_file_t:s0"),
        ("/etc/app/run", stat.S_IFDIR, "system_u:object_r:run_t:s0"),
        ("/etc/app/run", stat.S_IFLNK, "system_u:object_r:run_link_t:s0"),
        ("/somewhere", stat.S_IFREG, "system_u:object_r:default_t:s0"),
        ("/etc/nothing", stat.S_IFREG, None),
        ("/etc/n\udcff", stat.S_IFREG, "system_u:object_r:etc_t:s0"),
    ],
)
def test_label_of_a_path(labels: Labels, path: str, kind: int, label: str | None) -> None:
    assert labels.of(path, kind) == (None if label is None else label.encode())


def test_a_policy_that_cannot_be_read(labels: Labels, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot be read"):
        Labels(str(tmp_path / "missing"))


@pytest.mark.parametrize(
    ("text", "enforced"), [("1", True), ("1\n", True), ("0", False), ("", False), ("10", False), (None, False)]
)
def test_enforced(tmp_path: Path, text: str | None, enforced: bool) -> None:
    if text is not None:
        put(below(tmp_path, "/sys/fs/selinux/enforce"), text)
    assert is_enforced(Root(str(tmp_path))) == enforced


FILES = [
    {"kind": "copy", "target": "/etc/app/key", "source": "/nix/store/text", "mode": "0600"},
    {"kind": "link", "target": "/etc/app/run", "source": "/run/app"},
    {"kind": "copy", "target": "/etc/shadow-of-ours", "source": "/nix/store/text", "replaceExisting": True},
    {"kind": "link", "target": "/etc/systemd/system/a.service", "source": "/nix/store/text"},
]
WANTED = {
    "/etc/app": "system_u:object_r:etc_t:s0",
    "/etc/app/key": "system_u:object_r:etc_t:s0",
    "/etc/app/run": "system_u:object_r:run_link_t:s0",
    "/etc/shadow-of-ours": "system_u:object_r:shadow_t:s0",
    "/etc/systemd/system/a.service": "system_u:object_r:systemd_unit_file_t:s0",
}


# What comes with accounts: homes and the directories above, databases that were not there, lingering.
USERS = {
    "app": {
        "normal": True, "group": "users", "home": "/home/deep/app", "createHome": True, "linger": True,
        "subUidRanges": [{"start": 500_000}],
    }
}  # fmt: skip
WANTED_OF_USERS = {
    "/etc/subuid": "system_u:object_r:passwd_file_t:s0",
    "/home": "system_u:object_r:home_root_t:s0",
    "/home/deep": "system_u:object_r:home_root_t:s0",
    "/home/deep/app": "system_u:object_r:user_home_dir_t:s0",
    "/var/lib/systemd/linger": "system_u:object_r:systemd_logind_var_lib_t:s0",
    "/var/lib/systemd/linger/app": "system_u:object_r:systemd_logind_var_lib_t:s0",
}


def label_at(path: Path) -> str | None:
    try:
        return os.getxattr(path, ATTRIBUTE, follow_symlinks=False).rstrip(b"\0").decode()
    except OSError:
        return None


def machine_at(root: Path, labels: Labels) -> Machine:
    return Machine(Root(str(root)), observer=NullObserver(), find_labels=lambda _root: labels)


def prepared(root: Path) -> Target:
    put(below(root, "/nix/store/text"), "text")
    put(below(root, "/etc/shadow-of-ours"), "theirs")
    set_label(str(below(root, "/etc/shadow-of-ours")), b"theirs_t")
    for directory in ("/etc/systemd/system", "/var/lib", "/run/system-manager"):
        below(root, directory).mkdir(parents=True)
    put(below(root, "/nix/store/top/manifest.json"), json.dumps({"version": 1, "files": FILES}))
    return Target("/nix/store/top", read_toplevel(Root(str(root)), "/nix/store/top"))


def test_what_is_made_for_accounts_has_its_label(labels: Labels, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    prepared(root)
    for name, text in (
        ("passwd", "root:x:0:0::/root:/bin/sh\n"),
        ("group", "users:x:100:\n"),
        ("shadow", "root:*:1::::::\n"),
    ):
        put(below(root, f"/etc/{name}"), text)
    put(below(root, "/nix/store/users/manifest.json"), json.dumps({"version": 1, "users": USERS}))
    target = Target("/nix/store/users", read_toplevel(Root(str(root)), "/nix/store/users"))
    activate(machine_at(root, labels), target)
    assert {path: label_at(below(root, path)) for path in WANTED_OF_USERS} == WANTED_OF_USERS


def test_what_is_made_has_its_label_from_the_first_moment(labels: Labels, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    target = prepared(root)
    seen: dict[str, set[str | None]] = {path: set() for path in WANTED}

    def look(_index: int, name: str) -> None:
        for path, labels_seen in seen.items():
            # The label of a directory follows its making; nothing is in it then.
            if os.path.lexists(below(root, path)) and name != "setxattr":
                labels_seen.add(label_at(below(root, path)))

    with faults.intercepted(look):
        activate(machine_at(root, labels), target)
    assert {path: label_at(below(root, path)) for path in WANTED} == WANTED
    assert seen.pop("/etc/shadow-of-ours") == {"theirs_t", WANTED["/etc/shadow-of-ours"]}
    assert seen == {path: {WANTED[path]} for path in seen}


def test_an_original_comes_back_with_its_own_label(labels: Labels, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    activate(machine_at(root, labels), prepared(root))
    activate(machine_at(root, labels), Target(None, nothing()))
    assert below(root, "/etc/shadow-of-ours").read_text() == "theirs"
    assert label_at(below(root, "/etc/shadow-of-ours")) == "theirs_t"
    assert not below(root, "/etc/app").exists()


def test_nothing_is_labelled_where_selinux_is_off(labels: Labels, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    prepared(root)
    assert run(root, "activate", "--toplevel", "/nix/store/top").exit_code == 0
    assert {label_at(below(root, path)) for path in WANTED} == {None}


@pytest.mark.parametrize("place", ["nix", "nix/store"])
def test_what_is_read_early_is_copied_where_the_store_is_mounted(place: str, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        unavailable("needs root, to mount")
    (tmp_path / "disk").mkdir()
    prepared(tmp_path / "disk")
    for directory in (place, "etc/systemd/system", "var/lib"):
        (tmp_path / "machine" / directory).mkdir(parents=True)
    engine = [sys.executable, "-m", "system_manager.activation", "activate", "--toplevel", "/nix/store/top"]
    script = 'mount --bind "$0" "$1"; shift; exec "$@"'
    mount = ["unshare", "--mount", "sh", "-euc", script, tmp_path / "disk" / place, tmp_path / "machine" / place]
    subprocess.run([*mount, *engine, "--root", tmp_path / "machine"], check=True, capture_output=True)
    unit = tmp_path / "machine/etc/systemd/system/a.service"
    assert not unit.is_symlink()
    assert unit.read_text() == "text"
    assert (tmp_path / "machine/etc/app/run").is_symlink()
