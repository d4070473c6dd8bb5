"""Builtins on version numbers and derivation names."""

from __future__ import annotations

from system_manager.language.builtins.registry import BuiltinTable
from system_manager.language.runtime import Lazy, Value, force_plain_string
from system_manager.language.versions import compare_versions, split_derivation_name, version_components

TABLE = BuiltinTable()


@TABLE.builtin("compareVersions", 2, "-1, 0 or 1 when the first version is older than, the same as or newer than the "
               "second. Components are compared one by one: numbers as numbers, `pre` before everything "
               "else.")  # fmt: skip
def compare(left: Lazy, right: Lazy) -> Value:
    left = force_plain_string(left, "while evaluating the first argument passed to builtins.compareVersions")
    right = force_plain_string(right, "while evaluating the second argument passed to builtins.compareVersions")
    return compare_versions(left, right)


@TABLE.builtin("splitVersion", 1, 'The components of a version: `"1.2pre3"` has `1`, `2`, `pre` and `3`.')
def split_version(version: Lazy) -> Value:
    version = force_plain_string(version, "while evaluating the first argument passed to builtins.splitVersion")
    return tuple(version_components(version))


@TABLE.builtin("parseDrvName", 1, "A package name and its version: `\"nix-2.34\"` is `{ name = \"nix\"; version = "
               "\"2.34\"; }`. The version starts after the first dash that is not followed by a letter.")  # fmt: skip
def parse_derivation_name(name: Lazy) -> Value:
    name = force_plain_string(name, "while evaluating the first argument passed to builtins.parseDrvName")
    package, version = split_derivation_name(name)
    return {"name": package, "version": version}
