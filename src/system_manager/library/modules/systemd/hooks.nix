/** Programs that systemd itself runs: when it reads its units, and when the machine goes down. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.systemd;

  programs =
    example: description:
    mkOption {
      type = types.attrsOf types.path;
      default = { };
      inherit example description;
    };

  below =
    directory: lib.mapAttrs' (name: source: lib.nameValuePair "systemd/${directory}/${name}" { inherit source; });
in
{
  options.systemd = {
    generators = programs {
      systemd-gpt-auto-generator = "/dev/null";
    } "Generators of units (systemd.generator(7)), by name. `/dev/null` switches one of the distribution off.";
    shutdown = programs {
      unload = "/nix/store/…-unload/bin/unload";
    } "Programs that run at the very end of a shutdown (systemd-shutdown(8)), by name.";
    user.generators = programs {
      systemd-xdg-autostart-generator = "/dev/null";
    } "Generators of units for the service managers of users.";
  };

  config.environment.etc =
    below "system-generators" cfg.generators
    // below "system-shutdown" cfg.shutdown
    // below "user-generators" cfg.user.generators;
}
