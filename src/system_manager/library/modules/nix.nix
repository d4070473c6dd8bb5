/** Nix's own configuration, where Nix is used beside System Manager: nix.conf(5). */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.nix;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
      types.path
      types.package
    ]
  );

  word = value: if lib.isBool value then lib.boolToString value else "${toString value}";
  text = value: if lib.isList value then lib.concatMapStringsSep " " word value else word value;

  line =
    name: value:
    if lib.hasInfix "\n" (text value) then
      throw "nix.settings.${name}: a value of nix.conf has to be one line"
    else
      "${name} = ${text value}\n";
in
{
  options.nix = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether /etc/nix/nix.conf is written. One that is there already comes back when this is switched off. Nix itself is left to the distribution.";
    };
    settings = mkOption {
      type = types.attrsOf (types.either atom (types.listOf atom));
      default = { };
      example.experimental-features = [ "nix-command" "flakes" ];
      description = "Settings of nix.conf(5); null leaves one out.";
    };
    extraOptions = mkOption {
      type = types.lines;
      default = "";
      description = "Lines at the end of nix.conf.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.etc."nix/nix.conf" = {
      replaceExisting = true;
      text = ''
        # Made by System Manager from the configuration; changes here are lost.
        ${lib.concatStrings (lib.mapAttrsToList line (lib.filterAttrs (_: value: value != null) cfg.settings))}${cfg.extraOptions}'';
    };

    # A daemon that runs has read the old settings.
    systemd.services.nix-daemon = {
      overrideStrategy = "asDropin";
      restartTriggers = [ config.environment.etc."nix/nix.conf".source ];
      enableDefaultPath = false;
    };
  };
}
