"""Builders that turn distribution packages into store paths: where the store and the package manager meet.

* ``builtin:distro-fetch`` downloads a package file. Attributes: ``packageName``, ``version``, ``architecture``,
  ``outputHash`` (SHA-256).
* ``builtin:distro-package`` makes links to where the package installs its files, and says in
  ``nix-support/distro-package.json`` what has to be installed for them to lead somewhere. Attributes:
  ``packageName``, ``version``, ``architecture``, ``sha256``, ``deb`` (the package file), and optionally ``programs``, a
  JSON object from names wanted in ``bin`` to the names that the distribution gave.
* ``builtin:distro-manifest`` completes a manifest: its ``packages`` become all of those that anything in it refers to,
  a script that a unit runs included. Attribute: ``text``, the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from system_manager.base.records import record
from system_manager.host.apt.archive import list_archive
from system_manager.host.apt.command import AptSystem
from system_manager.host.apt.download import download
from system_manager.host.apt.links import place_files
from system_manager.store.building.context import BuildContext, BuiltinBuilder, require
from system_manager.store.errors import BuildFailedError
from system_manager.store.hashing import HashAlgorithm
from system_manager.store.metadata import write_store_file

_DESCRIPTION = "nix-support/distro-package.json"


def distribution_builders(system: AptSystem) -> dict[str, BuiltinBuilder]:
    """The builders by name, for :attr:`BuildSettings.extra_builders`."""
    return {
        "builtin:distro-fetch": BuiltinBuilder(_Fetch(system), is_quick=False),
        "builtin:distro-manifest": BuiltinBuilder(build_manifest),
        "builtin:distro-package": BuiltinBuilder(build_package),
    }


@record(frozen=True)
class _Fetch:
    system: AptSystem

    def __call__(self, environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /) -> None:
        content = context.derivation.outputs["out"].content
        if content is None or content.hash.algorithm is not HashAlgorithm.SHA256:
            raise BuildFailedError(
                "'builtin:distro-fetch' must be a fixed-output derivation with a SHA-256", where=str(context.path)
            )
        name, version = require(environment, "packageName", context), require(environment, "version", context)
        context.log(f"downloading {name} {version}")
        download(
            self.system,
            name=name,
            version=version,
            architecture=require(environment, "architecture", context),
            sha256=content.hash.base16,
            destination=outputs["out"],
        )


def build_package(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /) -> None:
    """Make the links and the description."""
    output = outputs["out"]
    package_file = require(environment, "deb", context)
    description = {
        "name": require(environment, "packageName", context),
        "version": require(environment, "version", context),
        "architecture": require(environment, "architecture", context),
        "sha256": require(environment, "sha256", context),
        "deb": package_file,
    }
    links = place_files(list_archive(context.real_path(package_file)), _programs(environment, context))
    output.mkdir()
    for place, target in links.items():
        link = output / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    if (output / "bin").is_dir():
        (output / "sbin").symlink_to("bin")
    file = output / _DESCRIPTION
    file.parent.mkdir()
    write_store_file(file, json.dumps(description, indent=2, sort_keys=True).encode() + b"\n", executable=False)


def build_manifest(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /) -> None:
    """Write the manifest with the packages of the whole closure."""
    try:
        manifest = json.loads(require(environment, "text", context))
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        raise BuildFailedError("the attribute 'text' must be a JSON object", where=str(context.path))
    manifest["packages"] = sorted(
        str(path) for path in context.closure if (context.layout.real_path(path) / _DESCRIPTION).is_file()
    )
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    write_store_file(outputs["out"], text.encode("utf-8", "surrogateescape") + b"\n", executable=False)


def _programs(environment: Mapping[str, str], context: BuildContext) -> dict[str, str]:
    try:
        parsed = json.loads(environment.get("programs", "{}"))
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict) or not all(
        isinstance(name, str) and "/" not in alias and alias not in {"", ".", ".."} for alias, name in parsed.items()
    ):
        raise BuildFailedError(
            "the attribute 'programs' must be a JSON object of program names", where=str(context.path)
        )
    return parsed
