/** Jobs of cron: crontab(5), in /etc/cron.d. The program and its unit are the distribution's. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.services.cron;

  # Five fields of time or a word for them, then a user and a command; or a comment or a variable.
  job = types.strMatching "[[:space:]]*(@[a-z]+|([^[:space:]@#=]+[[:space:]]+){4}[^[:space:]]+)[[:space:]]+[^[:space:]]+[[:space:]]+[^\n]+|#[^\n]*|[[:space:]]*[A-Za-z_]+[[:space:]]*=[^\n]*" // {
    description = "line of a system crontab: five fields of time, a user and a command";
  };
in
{
  options.services.cron = {
    enable = lib.mkEnableOption "cron with the jobs below";
    mailto = mkOption {
      type = types.nullOr types.singleLineStr;
      default = null;
      description = "Who gets what jobs print; null leaves it to cron.";
    };
    serviceName = mkOption {
      type = types.str;
      default = if cfg.package.distributionPackage or null == "cronie" then "crond" else "cron";
      defaultText = "what the distribution calls it";
      description = "The distribution's unit.";
    };
    package = mkOption {
      type = types.nullOr types.package;
      default = pkgs.cron;
      defaultText = lib.literalExpression "pkgs.cron";
      description = "The package that has the program and its unit; null when it is there already.";
    };
    systemCronJobs = mkOption {
      type = types.listOf job;
      default = [ ];
      example = [ "*/5 * * * * root /usr/local/bin/fetch-mail" ];
      description = "Lines of a system crontab: when, who, what.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = lib.optional (cfg.package != null) cfg.package;
    systemd.services.${cfg.serviceName} = {
      overrideStrategy = "asDropin";
      wantedBy = [ "multi-user.target" ];
      enableDefaultPath = false;
    };
    # cron looks at the time of the file and does not follow a link of which only the target changed.
    environment.etc."cron.d/system-manager" = lib.mkIf (cfg.systemCronJobs != [ ]) {
      mode = "0644";
      text = ''
        # Made by System Manager from the configuration; changes here are lost.
        SHELL=/bin/bash
        PATH=/run/system-manager/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        ${lib.optionalString (cfg.mailto != null) "MAILTO=\"${cfg.mailto}\"\n"}${lib.concatLines cfg.systemCronJobs}'';
    };
  };
}
