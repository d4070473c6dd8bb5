/**
  Numbers of NixOS's accounts. A distribution gives its own, so modules of NixOS find every name that they may ask for
  and no number: the account gets one that is free.
*/
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:

let
  # In pure evaluation there is no search path, and asking for something in it cannot be caught.
  found = builtins.tryEval (if builtins.nixPath == [ ] then throw "" else toString <nixpkgs/nixos/modules>);

  tables = lib.filter builtins.pathExists (
    map (directory: "${directory}/misc/ids.nix") ([ (toString modulesPath) ] ++ lib.optional found.success found.value)
  );

  # The names are in a module of NixOS, which is read and not imported: it would set the numbers.
  named =
    kind:
    if tables == [ ] then
      { }
    else
      lib.mapAttrs (_: _: null) (import (lib.head tables) { inherit config lib pkgs; }).config.ids.${kind};

  table =
    kind: subject:
    lib.mkOption {
      type = lib.types.attrsOf (lib.types.nullOr lib.types.int);
      default = named kind;
      defaultText = "null for every name of NixOS, where a nixpkgs is at hand";
      description = "Numbers of ${subject}, which modules of NixOS read. null is any that is free.";
    };
in
{
  options.ids = {
    uids = table "uids" "users";
    gids = table "gids" "groups";
  };
}
