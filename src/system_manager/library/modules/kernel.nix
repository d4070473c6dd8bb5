/** What NixOS sets in the kernel and any distribution can set: parameters and modules. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.boot;

  sysctlFile = "sysctl.d/60-system-manager.conf";
  modulesFile = "modules-load.d/60-system-manager.conf";

  parameters = lib.filterAttrs (_: value: value != null) cfg.kernel.sysctl;
  number = value: if lib.isBool value then (if value then "1" else "0") else toString value;

  # At boot the distribution's own unit reads the file; this one does on a switch that changed it.
  early = file: program: {
    requiredBy = [ "sysinit-reactivation.target" ];
    before = [
      "sysinit-reactivation.target"
      "shutdown.target"
    ];
    conflicts = [ "shutdown.target" ];
    after = [ "systemd-${program}.service" ];
    unitConfig.DefaultDependencies = false;
    restartTriggers = [ config.environment.etc.${file}.source ];
    enableDefaultPath = false;
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/lib/systemd/systemd-${program} /etc/${file}";
    };
  };
in
{
  options.boot = {
    kernel.sysctl = mkOption {
      type = types.attrsOf (
        types.nullOr (
          types.oneOf [
            types.bool
            types.str
            types.int
          ]
        )
      );
      default = { };
      apply = lib.mapAttrs (
        name: value:
        if lib.match "-?[^[:space:]=]+" name != null then
          value
        else
          throw "boot.kernel.sysctl.\"${name}\": this is not the name of a parameter"
      );
      example."net.ipv4.ip_forward" = true;
      description = "Parameters of the kernel, in /etc/${sysctlFile}. null leaves one as it is.";
    };
    kernelModules = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "tcp_bbr" ];
      description = "Modules loaded at boot, in /etc/${modulesFile}.";
    };
  };

  config = lib.mkMerge [
    (lib.mkIf (parameters != { }) {
      environment.etc.${sysctlFile}.text = lib.concatStrings (
        lib.mapAttrsToList (name: value: "${name}=${number value}\n") parameters
      );
      systemd.services.system-manager-sysctl = early sysctlFile "sysctl" // {
        description = "Kernel parameters of System Manager";
      };
    })
    (lib.mkIf (cfg.kernelModules != [ ]) {
      environment.etc.${modulesFile}.text = lib.concatLines cfg.kernelModules;
      systemd.services.system-manager-modules = lib.recursiveUpdate (early modulesFile "modules-load") {
        description = "Kernel modules of System Manager";
        unitConfig.ConditionCapability = "CAP_SYS_MODULE";
      };
    })
  ];
}
