"""Builders that turn distribution packages into store paths: where the store and the package manager meet.

* ``builtin:distro-fetch`` downloads a package file. Attributes: ``packageName``, ``version``, ``architecture``,
  ``outputHash`` (SHA-256), and ``locked`` if the version is from a lock file.
* ``builtin:distro-package`` makes links to where the package installs its files, and says in
  ``nix-support/distro-package.json`` what has to be installed for them to lead somewhere. Attributes:
  ``packageName``, ``version``, ``architecture``, ``sha256``, ``file`` (the package file), and optionally
  ``programs``, a JSON object from names wanted in ``bin`` to the names that the distribution gave, and ``automatic``
  for what only comes along with others.
* ``builtin:distro-manifest`` completes a manifest: its ``packages`` become all of those that anything in it refers to,
  a script that a unit runs included. Attributes: ``text``, the manifest, and ``dependencies``, more packages.
"""

from __future__ import annotations

import json
from pathlib import Path

from system_manager.base.records import record
from system_manager.base.type_hints import Mapping
from system_manager.evaluation.package_lock import LOCK_FILE
from system_manager.host.package_files import fetch_verified
from system_manager.host.package_links import place_files
from system_manager.host.packages import DESCRIPTION_FILE, PackageError, PackageNotFoundError, PackageSource
from system_manager.store.building.context import BuildContext, BuiltinBuilder, require
from system_manager.store.errors import BuildFailedError
from system_manager.store.hashing import HashAlgorithm
from system_manager.store.metadata import write_store_file


def distribution_builders(source: PackageSource | None) -> dict[str, BuiltinBuilder]:
    """The builders by name, for :attr:`BuildSettings.extra_builders`.

    :param source: the distribution's package manager; None where there is none that we know.
    """
    return {
        "builtin:distro-fetch": BuiltinBuilder(_Fetch(source), is_quick=False),
        "builtin:distro-manifest": BuiltinBuilder(build_manifest),
        "builtin:distro-package": BuiltinBuilder(_Package(source)),
    }


def _required(source: PackageSource | None) -> PackageSource:
    if source is None:
        raise PackageError(
            "packages of the distribution cannot be had: its package manager is not supported",
            hint="build the configuration on the distribution that it was evaluated for",
        )
    return source


@record(frozen=True)
class _Fetch:
    source: PackageSource | None

    def __call__(self, environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /) -> None:
        content = context.derivation.outputs["out"].content
        if content is None or content.hash.algorithm is not HashAlgorithm.SHA256:
            raise BuildFailedError(
                "'builtin:distro-fetch' must be a fixed-output derivation with a SHA-256", where=str(context.path)
            )
        name, version = require(environment, "packageName", context), require(environment, "version", context)
        context.log(f"downloading {name} {version}")
        try:
            fetch_verified(
                _required(self.source),
                name=name,
                version=version,
                architecture=require(environment, "architecture", context),
                sha256=content.hash.base16,
                destination=outputs["out"],
            )
        except PackageNotFoundError as error:
            if not environment.get("locked"):
                raise
            raise PackageNotFoundError(
                f"{name} {version}, which the lock file asks for, is no longer offered: {error.what}",
                where=LOCK_FILE,
                hint=f"run 'system-manager lock --update {name}' to take the version that is offered now",
            ) from error


@record(frozen=True)
class _Package:
    source: PackageSource | None

    def __call__(self, environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /) -> None:
        """Make the links and the description."""
        output = outputs["out"]
        package_file = require(environment, "file", context)
        description = {
            "name": require(environment, "packageName", context),
            "version": require(environment, "version", context),
            "architecture": require(environment, "architecture", context),
            "sha256": require(environment, "sha256", context),
            "file": package_file,
            **({"automatic": True} if environment.get("automatic") else {}),
        }
        entries = _required(self.source).entries(context.real_path(package_file))
        links = place_files(entries, _programs(environment, context))
        output.mkdir()
        for place, target in links.items():
            link = output / place
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        if (output / "bin").is_dir():
            (output / "sbin").symlink_to("bin")
        file = output / DESCRIPTION_FILE
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
        str(path) for path in context.closure if (context.layout.real_path(path) / DESCRIPTION_FILE).is_file()
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
