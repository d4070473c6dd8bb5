/** Switching to the configuration regularly, so that what it was changed to arrives by itself. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.system.autoUpgrade;

  # systemd.exec(5) and systemd.service(5): a word of a command line.
  words = (import ./systemd/names.nix { inherit lib; }).escapeSystemdExecArgs;

  without = subject: mkOption {
    type = types.raw;
    default = null;
    description = "${subject} of NixOS, which has no effect here.";
  };
  ignored = [
    "allowReboot"
    "channel"
    "rebootWindow"
    "upgrade"
  ];
in
{
  options.system.autoUpgrade = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the machine switches to its configuration regularly. A switch that fails is taken back, and its unit has failed then.";
    };
    file = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/srv/configuration/system.nix";
      description = "The configuration. null takes the one that `system-manager switch` finds for root.";
    };
    flake = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Flakes cannot be switched to; this is refused.";
    };
    operation = mkOption {
      type = types.enum [
        "switch"
        "boot"
      ];
      default = "switch";
      description = "Whether the new generation is switched to at once or by the next boot.";
    };
    flags = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--unit-timeout" "60" ];
      description = "More arguments.";
    };
    program = mkOption {
      type = types.str;
      default = "system-manager";
      example = "/opt/system-manager/bin/system-manager";
      description = "The program. A name is looked for where systemd looks for programs: in /usr/local/bin, /usr/bin and their like.";
    };
    dates = mkOption {
      type = types.either types.singleLineStr (types.listOf types.singleLineStr);
      default = "04:40";
      example = "daily";
      description = "When, as in systemd.time(7).";
    };
    randomizedDelaySec = mkOption {
      type = types.str;
      default = "0";
      example = "45min";
      description = "How much later it may be, by chance.";
    };
    fixedRandomDelay = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the delay is the same each time.";
    };
    persistent = mkOption {
      type = types.bool;
      default = true;
      description = "Whether a time that the machine was off at is made up for.";
    };
  }
  // lib.genAttrs ignored (name: without "The option ${name}");

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.flake == null;
        message = "system.autoUpgrade.flake: flakes cannot be switched to. Name the configuration with system.autoUpgrade.file.";
      }
    ];
    system-manager.leftToDistribution = map (name: "system.autoUpgrade.${name}") (
      lib.filter (name: cfg.${name} != null) ignored
    );

    systemd.services.system-manager-upgrade = {
      description = "Switch to the configuration of System Manager";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      startAt = cfg.dates;
      # The switch runs in this very unit.
      restartIfChanged = false;
      unitConfig.X-StopOnRemoval = false;
      environment.HOME = "/root";
      serviceConfig = {
        Type = "oneshot";
        ExecStart = words (
          [
            cfg.program
            cfg.operation
          ]
          ++ lib.optionals (cfg.file != null) [
            "--file"
            cfg.file
          ]
          ++ cfg.flags
        );
      };
    };
    systemd.timers.system-manager-upgrade.timerConfig = {
      Persistent = cfg.persistent;
      RandomizedDelaySec = cfg.randomizedDelaySec;
      FixedRandomDelay = cfg.fixedRandomDelay;
    };
  };
}
