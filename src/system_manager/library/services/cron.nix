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

  anyCase = lib.concatMapStrings (letter: "[${letter}${lib.toUpper letter}]");
  oneOf = names: lib.concatMapStringsSep "|" (name: anyCase (lib.stringToCharacters name)) names;
  # Numbers or names, ranges of them (cronie also has "~"), and steps, in a list.
  field =
    value:
    let
      item = "([*]|(${value})([-~](${value}))?)(/[1-9][0-9]*)?";
    in
    "${item}(,${item})*";
  months = [ "jan" "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec" ];
  days = [ "sun" "mon" "tue" "wed" "thu" "fri" "sat" ];
  times = lib.concatMapStringsSep "[[:space:]]+" field [
    "[0-5]?[0-9]"
    "[01]?[0-9]|2[0-3]"
    "0?[1-9]|[12][0-9]|3[01]"
    "0?[1-9]|1[0-2]|${oneOf months}"
    "0?[0-7]|${oneOf days}"
  ];
  words = "@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)";

  # When, who and what; or a comment or a variable. For one line that it cannot read, cron passes over the whole file,
  # and only its log says so.
  job =
    types.strMatching "[[:space:]]*(${words}|${times})[[:space:]]+[^[:space:]]+[[:space:]]+[^\n]+|[[:space:]]*(#[^\n]*)?|[[:space:]]*[A-Za-z_][A-Za-z0-9_]*[[:space:]]*=[^\n]*"
    // {
      description = "line of a system crontab: minute, hour, day, month and day of the week, or a word such as @daily, then a user and a command";
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
