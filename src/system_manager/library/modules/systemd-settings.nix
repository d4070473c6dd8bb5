/** Settings of systemd's own programs, as drop-ins beside the distribution's: systemd-system.conf(5) and its like. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;

  # The text of each, and whose service has to be started again for it.
  programs = {
    system = {
      option = [ "systemd" ];
      section = "Manager";
      service = null;
    };
    user = {
      option = [ "systemd" "user" ];
      section = "Manager";
      service = null;
    };
    sleep = {
      option = [ "systemd" "sleep" ];
      section = "Sleep";
      service = null;
    };
    coredump = {
      option = [ "systemd" "coredump" ];
      section = "Coredump";
      service = null;
    };
    journald = {
      option = [ "services" "journald" ];
      section = "Journal";
      service = "systemd-journald";
    };
    logind = {
      option = [ "services" "logind" ];
      section = "Login";
      service = "systemd-logind";
    };
    timesyncd = {
      option = [ "services" "timesyncd" ];
      section = "Time";
      service = "systemd-timesyncd";
    };
    resolved = {
      option = [ "services" "resolved" ];
      section = "Resolve";
      service = "systemd-resolved";
    };
  };

  fileOf = name: "systemd/${name}.conf.d/60-system-manager.conf";
  textOf = program: (lib.getAttrFromPath program.option config).extraConfig;
  used = lib.filterAttrs (_: program: textOf program != "") programs;

  declare =
    name: program:
    lib.setAttrByPath (program.option ++ [ "extraConfig" ]) (mkOption {
      type = types.lines;
      default = "";
      description = "Lines of [${program.section}] in /etc/${fileOf name}.${
        lib.optionalString (program.service == null) " They have an effect from the next boot on, or after `systemctl daemon-reload`."
      }";
    });

  servers =
    subject:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "${subject}. An empty list leaves them to the distribution.";
    };
in
{
  options = lib.foldl' lib.recursiveUpdate {
    services.timesyncd = {
      servers = servers "Servers that tell the time";
      fallbackServers = servers "Servers that are asked when no other is known";
    };
    systemd.settings.Manager = mkOption {
      type = types.attrsOf (
        types.nullOr (
          types.oneOf [
            types.bool
            types.int
            types.str
          ]
        )
      );
      default = { };
      example.DefaultTimeoutStopSec = "30s";
      description = "Settings of [Manager], as lines of `systemd.extraConfig`. null leaves one out.";
    };
  } (lib.mapAttrsToList declare programs);

  config = {
    systemd.extraConfig = lib.concatStrings (
      lib.mapAttrsToList (
        name: value: "${name}=${if lib.isBool value then lib.boolToString value else toString value}\n"
      ) (lib.filterAttrs (_: value: value != null) config.systemd.settings.Manager)
    );
    services.timesyncd.extraConfig =
      let
        inherit (config.services.timesyncd) servers fallbackServers;
      in
      lib.optionalString (servers != [ ]) "NTP=${toString servers}\n"
      + lib.optionalString (fallbackServers != [ ]) "FallbackNTP=${toString fallbackServers}\n";

    environment.etc = lib.mapAttrs' (
      name: program: lib.nameValuePair (fileOf name) { text = "[${program.section}]\n${textOf program}"; }
    ) used;

    systemd.services = lib.mapAttrs' (
      name: program:
      lib.nameValuePair program.service {
        overrideStrategy = "asDropin";
        restartTriggers = [ config.environment.etc.${fileOf name}.source ];
        enableDefaultPath = false;
      }
    ) (lib.filterAttrs (_: program: program.service != null) used);
  };
}
