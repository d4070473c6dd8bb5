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

  value = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.str
      (types.listOf types.str)
    ]
  );

  declareSettings =
    name: program:
    lib.setAttrByPath (program.option ++ [ "settings" program.section ]) (mkOption {
      type = types.attrsOf value;
      default = { };
      description = "Settings of [${program.section}], as lines of extraConfig. null leaves one out; the elements of a list are words.";
    });
  settingsOf = program: (lib.getAttrFromPath program.option config).settings.${program.section};
  lines =
    settings:
    lib.concatStrings (
      lib.mapAttrsToList (
        name: value: "${name}=${if lib.isBool value then lib.boolToString value else toString value}\n"
      ) (lib.filterAttrs (_: value: value != null) settings)
    );

  # Settings that NixOS has under names of its own.
  named = {
    journald = {
      audit = "Audit";
      forwardToSyslog = "ForwardToSyslog";
      rateLimitBurst = "RateLimitBurst";
      rateLimitInterval = "RateLimitIntervalSec";
      storage = "Storage";
    };
    logind = {
      hibernateKey = "HandleHibernateKey";
      killUserProcesses = "KillUserProcesses";
      lidSwitch = "HandleLidSwitch";
      lidSwitchDocked = "HandleLidSwitchDocked";
      lidSwitchExternalPower = "HandleLidSwitchExternalPower";
      powerKey = "HandlePowerKey";
      powerKeyLongPress = "HandlePowerKeyLongPress";
      rebootKey = "HandleRebootKey";
      suspendKey = "HandleSuspendKey";
    };
    resolved = {
      dnsovertls = "DNSOverTLS";
      dnssec = "DNSSEC";
      domains = "Domains";
      fallbackDns = "FallbackDNS";
      llmnr = "LLMNR";
    };
    timesyncd = {
      fallbackServers = "FallbackNTP";
      servers = "NTP";
    };
  };
  declareNamed =
    name: keys:
    lib.setAttrByPath programs.${name}.option (
      lib.mapAttrs (
        _: key:
        mkOption {
          type = value;
          default = null;
          description = "${key}= in [${programs.${name}.section}]. null leaves it to the distribution.";
        }
      ) keys
    );
  defineNamed =
    name: keys:
    let
      program = programs.${name};
      options = lib.getAttrFromPath program.option config;
    in
    lib.setAttrByPath (program.option ++ [ "settings" program.section ]) (
      lib.mapAttrs' (option: key: lib.nameValuePair key (lib.mkIf (options.${option} != null) options.${option})) keys
    );

  files = {
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
in
{
  options = lib.foldl' lib.recursiveUpdate { } (
    lib.mapAttrsToList declare programs
    ++ lib.mapAttrsToList declareSettings programs
    ++ lib.mapAttrsToList declareNamed named
  );

  config = lib.mkMerge (
    lib.mapAttrsToList defineNamed named
    ++ lib.mapAttrsToList (
      _: program: lib.setAttrByPath (program.option ++ [ "extraConfig" ]) (lines (settingsOf program))
    ) programs
    ++ [ files ]
  );
}
