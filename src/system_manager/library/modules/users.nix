/**
  Accounts as NixOS declares them. They are accepted, so that modules written for NixOS evaluate, and left to
  the distribution: a unit whose account is missing would fail to start, so a warning says what to create.
*/
{ config, lib, ... }:

let
  inherit (lib) mkOption types;

  account =
    kind:
    types.submodule (
      { name, ... }:
      {
        freeformType = types.lazyAttrsOf types.raw;
        options.name = mkOption {
          type = types.str;
          default = name;
          description = "Name of the ${kind}.";
        };
      }
    );

  users = lib.attrNames config.users.users;
  groups = lib.attrNames config.users.groups;
  list = lib.concatStringsSep ", ";
in
{
  options.users = mkOption {
    default = { };
    description = "Accounts of the machine. They are left to the distribution.";
    type = types.submodule {
      freeformType = types.lazyAttrsOf types.raw;
      options = {
        users = mkOption {
          type = types.attrsOf (account "user");
          default = { };
          description = "Users, left to the distribution.";
        };
        groups = mkOption {
          type = types.attrsOf (account "group");
          default = { };
          description = "Groups, left to the distribution.";
        };
      };
    };
  };

  config = {
    warnings =
      lib.optional (users != [ ]) "users.users: accounts are left to the distribution. Make sure that these exist: ${list users} (for a service, as root: adduser --system --group NAME)."
      ++ lib.optional (groups != [ ]) "users.groups: groups are left to the distribution. Make sure that these exist: ${list groups} (as root: addgroup --system NAME).";
    system-manager.leftToDistribution = map (name: "users.users.${name}") users ++ map (name: "users.groups.${name}") groups;
  };
}
