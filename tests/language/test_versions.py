"""Version numbers and derivation names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system_manager.language.versions import compare_versions, split_derivation_name, version_components

COMPARED = [
    ("1.0", "2.3", -1),
    ("2.1", "2.3", -1),
    ("2.3", "2.3", 0),
    ("2.5", "2.3", 1),
    ("3.1", "2.3", 1),
    ("2.3.1", "2.3", 1),
    ("2.3.1", "2.3a", 1),
    ("2.3pre1", "2.3", -1),
    ("2.3pre3", "2.3pre12", -1),
    ("2.3a", "2.3c", -1),
    ("2.3pre1", "2.3c", -1),
    ("2.3pre1", "2.3q", -1),
    ("1.0", "1.0.0", -1),
    ("007", "7", 0),
    ("1..2--3", "1.2.3", 0),
    ("", "", 0),
    ("", "0", -1),
    ("", "a", -1),
    ("", "pre", 1),
    ("99999999999", "2", -1),  # more than 31 bits: not a number any more
    ("2147483647", "2147483646", 1),
    ("2147483648", "2147483647", -1),
    ("1.ä", "1.z", 1),
    ("1_2", "1_3", -1),
    ("9" * 5000, "1", -1),
]

NAMES = [
    ("nix-0.12pre12876", "nix", "0.12pre12876"),
    ("apache-httpd-2.0.48", "apache-httpd", "2.0.48"),
    ("hello", "hello", ""),
    ("a-b-", "a-b-", ""),
    ("-1", "", "1"),
    ("a--1", "a", "-1"),
    ("a-é", "a", "é"),
    ("a-\n", "a", "\n"),
    ("", "", ""),
]

SPLIT = [
    ("1.2pre3-4..5_6", ["1", "2", "pre", "3", "4", "5", "_", "6"]),
    ("", []),
    ("..-", []),
    ("1.2.", ["1", "2"]),
    ("x86_64", ["x", "86", "_", "64"]),
]


@pytest.mark.parametrize(("left", "right", "order"), COMPARED)
def test_compare(left: str, right: str, order: int) -> None:
    assert compare_versions(left, right) == order
    assert compare_versions(right, left) == -order


@pytest.mark.parametrize(("name", "package", "version"), NAMES)
def test_derivation_names(name: str, package: str, version: str) -> None:
    assert split_derivation_name(name) == (package, version)


@pytest.mark.parametrize(("version", "components"), SPLIT)
def test_components(version: str, components: list[str]) -> None:
    assert version_components(version) == components


VERSIONS = st.text(alphabet="019ab.-pre", max_size=8)


@given(VERSIONS)
def test_a_version_is_the_same_as_itself(version: str) -> None:
    assert compare_versions(version, version) == 0


@given(VERSIONS, VERSIONS)
def test_the_order_of_two_versions_does_not_depend_on_who_asks(left: str, right: str) -> None:
    assert compare_versions(left, right) == -compare_versions(right, left)


@given(VERSIONS)
def test_components_lose_nothing_but_separators(version: str) -> None:
    assert "".join(version_components(version)) == version.replace(".", "").replace("-", "")


@pytest.mark.oracle
def test_nix_agrees(oracle) -> None:
    compared = [
        f"(builtins.compareVersions {json.dumps(a)} {json.dumps(b, ensure_ascii=False)})" for a, b, _ in COMPARED
    ]
    names = [f"(builtins.parseDrvName {json.dumps(name, ensure_ascii=False)})" for name, *_ in NAMES]
    split = [f"(builtins.splitVersion {json.dumps(version)})" for version, _ in SPLIT]
    program = f"[ [ {' '.join(compared)} ] [ {' '.join(names)} ] [ {' '.join(split)} ] ]".replace("\\u00e4", "ä")
    completed = oracle.run(["nix-instantiate", "--eval", "--strict", "--json", "-"], input=program, check=True)
    assert json.loads(completed.stdout) == [
        [order for *_, order in COMPARED],
        [{"name": package, "version": version} for _, package, version in NAMES],
        [components for _, components in SPLIT],
    ]
