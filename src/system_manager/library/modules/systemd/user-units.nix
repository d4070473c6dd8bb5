/** Units of users' own service managers: those that run are brought over by a switch, the others read them at the next login. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.systemd.user;

  kinds = import ./options.nix { inherit lib pkgs; };
  text = import ./text.nix { inherit lib; };
  links = import ./links.nix { inherit lib; };
  names = import ./names.nix { inherit lib; };

  rendered = {
    services = {
      suffix = "service";
      render = text.service { };
    };
    sockets = {
      suffix = "socket";
      render = text.socket;
    };
    timers = {
      suffix = "timer";
      render = text.timer;
    };
    paths = {
      suffix = "path";
      render = text.path;
    };
    targets = {
      suffix = "target";
      render = text.target;
    };
    slices = {
      suffix = "slice";
      render = text.slice;
    };
  };

  option =
    kind: modules:
    mkOption {
      type = types.attrsOf (types.submodule modules);
      default = { };
      apply = names.namedUnits "systemd.user.${kind}";
      description = "As systemd.${kind}, for the service managers of users.";
    };

  ofKind =
    kind: { suffix, render }:
    lib.mapAttrs' (
      _: unit:
      lib.nameValuePair "${unit.name}.${suffix}" {
        inherit (unit)
          enable
          overrideStrategy
          aliases
          wantedBy
          requiredBy
          upheldBy
          ;
        text = render unit;
      }
    ) cfg.${kind};

  assembled = links.assemble {
    directory = "/etc/systemd/user";
    kind = "user";
    substitute = false;
    units = lib.mapAttrs (_: unit: unit // { orderedAfter = [ ]; }) cfg.units;
    inherit (pkgs) writeText;
    inherit (cfg) packages;
    inherit (config.system-manager.build) etcFiles;
    masked = [ ];
  };
in
{
  options.systemd.user =
    lib.mapAttrs (kind: _: option kind kinds.${kind}) rendered
    // {
      units = option "units" kinds.units;
      packages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        description = "Packages that bring units for users.";
      };
    };

  options.system-manager.build.userUnits = mkOption {
    type = types.raw;
    internal = true;
    readOnly = true;
    description = "{ files, units } of the manifest for units of users.";
  };

  config = {
    systemd.user.units = lib.mkMerge (lib.mapAttrsToList ofKind rendered);
    systemd.user.timers = lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) (lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) cfg.services);
    system-manager.build.userUnits = assembled;
  };
}
