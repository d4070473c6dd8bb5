"""manifest.json: what is read from it, and what is said of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.generation.manifest import (
    CopyFile,
    HealthCheck,
    LinkFile,
    Manifest,
    ManifestError,
    Unit,
    encode_manifest,
    nothing,
    parse_manifest,
    read_manifest,
)

FULL: dict[str, Any] = {
    "version": 1,
    "system": "x86_64-linux",
    "files": [
        {"target": "/etc/motd", "kind": "link", "source": "/nix/store/x-motd", "replaceExisting": True},
        {"target": "/etc/secret", "kind": "copy", "source": "/nix/store/x-secret", "mode": "0600", "user": "alice",
         "group": "+5", "replaceExisting": False},
    ],
    "units": {
        "foo@.service": {"fragment": "/nix/store/x/foo@.service", "dropIns": ["/nix/store/x.conf"], "masked": False,
                         "wantedBy": ["system-manager.target"], "requiredBy": [], "upheldBy": ["a.service"],
                         "aliases": ["bar@.service"]},
        "ssh.service": {"fragment": None, "masked": True},
    },
    "userUnits": {"agent.service": {"fragment": "/nix/store/x/agent.service", "wantedBy": ["default.target"]}},
    "packages": ["/nix/store/x-nginx-1.22.1-9"],
    "tmpfiles": ["/etc/tmpfiles.d/00-system-manager.conf"],
    "path": "/nix/store/x-system-path",
    "environment": {"EDITOR": "vim"},
    "preActivationChecks": [{"name": "room", "script": "/nix/store/x-check"}],
    "healthChecks": [
        {"name": "web", "url": "https://[::1]:8443/a?b=%20#", "expectedStatus": 204, "retries": 3, "interval": 0.5},
        {"name": "db", "script": "/nix/store/x-db", "timeout": 1},
    ],
    "settleTime": 2.5,
    "unitTimeout": 60,
    "warnings": ["w"],
    "leftToDistribution": ["boot.loader.grub.enable"],
    "fieldOfALaterProgram": 1,
}  # fmt: skip


def parse(data: Any) -> Manifest:
    return parse_manifest(json.dumps(data).encode(), where="manifest.json")


def test_everything_is_read() -> None:
    manifest = parse(FULL)
    assert manifest.files == (
        LinkFile("/etc/motd", "/nix/store/x-motd", True),
        CopyFile("/etc/secret", "/nix/store/x-secret", "0600", "alice", "+5"),
    )
    assert manifest.units["foo@.service"] == Unit(
        "/nix/store/x/foo@.service",
        ("/nix/store/x.conf",),
        wanted_by=("system-manager.target",),
        upheld_by=("a.service",),
        aliases=("bar@.service",),
    )
    assert manifest.units["foo@.service"].pulled_in_by == ("system-manager.target", "a.service")
    assert manifest.units["ssh.service"].masked
    assert (manifest.packages, manifest.tmpfiles) == (tuple(FULL["packages"]), tuple(FULL["tmpfiles"]))
    assert (manifest.path, manifest.environment) == (FULL["path"], FULL["environment"])
    assert manifest.pre_activation_checks[0].name == "room"
    assert manifest.user_units == {"agent.service": Unit("/nix/store/x/agent.service", wanted_by=("default.target",))}
    assert manifest.health_checks == (
        HealthCheck("web", None, "https://[::1]:8443/a?b=%20#", 204, 3, 0.5, 10),
        HealthCheck("db", "/nix/store/x-db", None, 200, 0, 1, 1),
    )
    assert (manifest.settle_time, manifest.unit_timeout) == (2.5, 60)
    assert (nothing().settle_time, nothing().unit_timeout) == (0, None)
    assert (manifest.warnings, manifest.left_to_distribution) == (("w",), ("boot.loader.grub.enable",))


def test_only_the_version_is_required() -> None:
    assert parse({"version": 1}) == nothing()


def test_what_is_written_is_read_again() -> None:
    manifest = parse(FULL)
    assert parse_manifest(encode_manifest(manifest), where="x") == manifest


def file(**changes: Any) -> dict[str, Any]:
    return {"version": 1, "files": [{"target": "/etc/a", "kind": "copy", "source": "/nix/store/a", **changes}]}


def unit(name: str, **changes: Any) -> dict[str, Any]:
    return {"version": 1, "units": {name: changes}}


def health(**fields: Any) -> dict[str, Any]:
    return {"version": 1, "healthChecks": [{"name": "x", **fields}]}


@pytest.mark.parametrize(
    ("data", "what", "where"),
    [
        ({}, "version", "manifest.json"),
        ({"version": "1"}, "Expected `int`", "$.version"),
        ({"version": 2}, "version 2", "$.version"),
        ({"version": 0}, "version 0", "$.version"),
        ([], "Expected `object`", "manifest.json"),
        ({"version": 1, "files": {}}, "Expected `array`", "$.files"),
        ({"version": 1, "files": [{"target": "/etc/a"}]}, "kind", "$.files[0]"),
        (file(kind="magic"), "Invalid value 'magic'", "$.files[0].kind"),
        (file(source=7), "Expected `str`, got `int`", "$.files[0].source"),
        (file(source=""), "no usable source", "$.files[0].source"),
        (file(source="relative"), "not an absolute path", "$.files[0].source"),
        (file(source="/a\0b"), "no usable source", "$.files[0].source"),
        (file(replaceExisting="yes"), "Expected `bool`", "$.files[0].replaceExisting"),
        (file(mode="rw-r--r--"), "not a file mode", "$.files[0].mode"),
        (file(mode="0999"), "not a file mode", "$.files[0].mode"),
        (file(mode="17777"), "not a file mode", "$.files[0].mode"),
        (file(mode=420), "Expected `str`", "$.files[0].mode"),
        (file(target="etc/a"), "not absolute", "$.files[0].target"),
        (file(target=""), "not absolute", "$.files[0].target"),
        (file(target="/"), "simplest form", "$.files[0].target"),
        (file(target="/etc//a"), "simplest form", "$.files[0].target"),
        (file(target="/etc/./a"), "simplest form", "$.files[0].target"),
        (file(target="/etc/../a"), "simplest form", "$.files[0].target"),
        (file(target="/etc/a/.."), "simplest form", "$.files[0].target"),
        (file(target="/etc/a/"), "simplest form", "$.files[0].target"),
        (file(target="/nix"), "the store", "$.files[0].target"),
        (file(target="/nix/var/x"), "the store", "$.files[0].target"),
        (file(target="/etc/a\0b"), "no file can have this name", "$.files[0].target"),
        (file(target="/etc/" + "x" * 256), "longer than 255 bytes", "$.files[0].target"),
        (file(target="/etc/" + "x/" * 2100 + "y"), "no file can have this name", "$.files[0].target"),
        ({"version": 1, "files": [*file()["files"], *file()["files"]]}, "appears twice", "$.files[1].target"),
        ({"version": 1, "files": [*file(target="/etc/b")["files"], *file()["files"]]}, "sorted", "$.files[1].target"),
        (unit("no-suffix"), "'no-suffix' is not the name of a unit", "$.units['no-suffix']"),
        (unit("a.unknown"), "not the name of a unit", "$.units['a.unknown']"),
        (unit("../a.service"), "not the name of a unit", "$.units['../a.service']"),
        (unit("a.service", wantedBy=["x"]), "'x' is not the name of a unit", "$.units['a.service']"),
        (unit("a.service", aliases=["a b.service"]), "not the name of a unit", "$.units['a.service']"),
        (unit("x" * 250 + ".service"), "not the name of a unit", "$.units"),
        (unit("a.service", masked=True, fragment="/nix/store/x"), "masked unit", "$.units['a.service']"),
        (unit("a.service", wantedBy="multi-user.target"), "Expected `array`", "$.units[...]"),
        ({"version": 1, "userUnits": {"a.unknown": {}}}, "not the name of a unit", "$.userUnits['a.unknown']"),
        ({"version": 1, "preActivationChecks": [{"name": "x"}]}, "script", "$.preActivationChecks[0]"),
        (health(), "needs a script or a URL, and not both", "$.healthChecks[0]"),
        (health(script="/x", url="http://x"), "needs a script or a URL, and not both", "$.healthChecks[0]"),
        (health(script="x"), "not an absolute path", "$.healthChecks[0].script"),
        (health(url="ftp://x/"), "not an http or https URL", "$.healthChecks[0].url"),
        (health(url="http:///x"), "not an http or https URL", "$.healthChecks[0].url"),
        (health(url="http://x/a b"), "not an http or https URL", "$.healthChecks[0].url"),
        (health(url="http://x", expectedStatus=99), "Expected `int` >= 100", "$.healthChecks[0].expectedStatus"),
        (health(script="/x", retries=-1), "Expected `int` >= 0", "$.healthChecks[0].retries"),
        (health(script="/x", timeout=-1), "Expected `float` >= 0.0", "$.healthChecks[0].timeout"),
        (health(script="/x", interval="1"), "Expected `float`", "$.healthChecks[0].interval"),
        ({"version": 1, "settleTime": -1}, "Expected `float` >= 0.0", "$.settleTime"),
        ({"version": 1, "settleTime": 1e9}, "Expected `float` <= 86400.0", "$.settleTime"),
        ({"version": 1, "unitTimeout": "soon"}, "Expected `float | null`", "$.unitTimeout"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(data: Any, what: str, where: str) -> None:
    with pytest.raises(ManifestError) as raised:
        parse(data)
    assert what in raised.value.what
    assert raised.value.where is not None
    assert raised.value.where.startswith("manifest.json")
    assert where in raised.value.where


@pytest.mark.parametrize("data", [b"", b"{", b"\0\0\0", b"\xff\xfe", b"nonsense", b'{"version": 1}x'])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(data, where="x")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        parse_manifest(data, where="x")
    except ManifestError as error:
        assert error.where is not None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read") as raised:
        read_manifest(tmp_path / "manifest.json")
    assert raised.value.where == str(tmp_path / "manifest.json")
