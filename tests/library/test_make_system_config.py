"""``makeSystemConfig``, which flakes call: the same toplevel, with specialArgs and overlays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.evaluation import CONFIGURATION, HERE, LIBRARY, Ours, RefusedError

LIBRARY_ALONE = f"import {LIBRARY} {{ distribution = import {HERE}/distribution.nix; }}"


def made(arguments: str) -> str:
    return f"({LIBRARY_ALONE}).makeSystemConfig {{ {arguments} }}"


def test_is_the_toplevel_of_its_modules(ours: Ours) -> None:
    module = '{ environment.etc.x.text = "1"; }'
    assert ours.value(f"({made(f'modules = [ {module} ];')}).drvPath") == ours.value(
        f"({CONFIGURATION % module}).toplevel.drvPath"
    )


def test_shows_configuration_and_options(ours: Ours) -> None:
    toplevel = made('modules = [ { environment.etc.x.text = "1"; } ];')
    assert ours.value(f"({toplevel}).config.environment.etc.x.text") == "1"
    assert ours.value(f"({toplevel}).options.environment.etc.isDefined") is True


def test_gives_special_arguments_to_imports(ours: Ours) -> None:
    arguments = (
        "specialArgs.extra = { environment.variables.X = 1; };modules = [ ({ extra, ... }: { imports = [ extra ]; }) ];"
    )
    assert ours.value(f"({made(arguments)}).config.system-manager.build.environment") == {"X": "1"}


def test_applies_overlays(ours: Ours) -> None:
    arguments = (
        "overlays = [ (final: prev: { curl = prev.tree; }) ];"
        "modules = [ ({ pkgs, ... }: { environment.variables.X = pkgs.curl.name; }) ];"
    )
    assert ours.value(f"({made(arguments)}).config.system-manager.build.environment") == {"X": "tree-2.1.0-1"}


def test_takes_the_platform_from_the_machine(ours: Ours) -> None:
    assert ours.value(f"({made('modules = [ ];')}).config.nixpkgs.hostPlatform.system") == "x86_64-linux"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (f"({LIBRARY_ALONE}).toplevel", "no configuration was given"),
        (f"(import {LIBRARY} {{ configuration = {{ }}; }}).toplevel", "needs `distribution`"),
        (
            made('modules = [ { nixpkgs.hostPlatform = "pdp11-unix"; } ];') + " // { x = 1; }",
            '"pdp11-unix" is not one of',
        ),
        (made('modules = [ { _class = "nixos"; } ];'), '(class: "nixos") cannot be imported into a module evaluation'),
    ],
)
def test_refused(expression: str, message: str, ours: Ours) -> None:
    with pytest.raises(RefusedError) as caught:
        ours.value(f"({expression}).drvPath")
    assert message in str(caught.value)


def test_modules_of_nixos_find_the_numbers_of_their_accounts(ours: Ours, tmp_path: Path) -> None:
    (tmp_path / "misc").mkdir()
    (tmp_path / "misc/ids.nix").write_text(
        "{ lib, ... }: { options.ids.uids = lib.mkOption { }; config.ids = { uids.app = 3; gids.app = 3; }; }"
    )
    (tmp_path / "app.nix").write_text(
        "{ config, ... }: {"
        '  users.users.app = { uid = config.ids.uids.app; group = "app"; };'
        "  users.groups.app.gid = config.ids.gids.app;"
        "}"
    )
    toplevel = made(f"specialArgs.modulesPath = {tmp_path}; modules = [ {tmp_path}/app.nix ];")
    user = ours.value(f"let c = ({toplevel}).config; in {{ inherit (c.users.users.app) uid isSystemUser; }}")
    assert user == {"uid": None, "isSystemUser": True}
    assert ours.value(f"({toplevel}).drvPath").endswith(".drv")


def test_without_nixos_nobody_has_a_number(ours: Ours) -> None:
    toplevel = made("modules = [ ({ config, ... }: { users.groups.app.gid = config.ids.gids.app; }) ];")
    with pytest.raises(RefusedError, match="attribute 'app' missing"):
        ours.value(f"({toplevel}).drvPath")
