/** Files and directories of users, made and cleaned by their own service managers (tmpfiles.d(5)). */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.systemd.user.tmpfiles;

  rules =
    description:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "D %C - - - 7d" ];
      inherit description;
    };

  forEverybody = "xdg/user-tmpfiles.d/00-system-manager.conf";
  # systemd would read it for everybody if it were beside the other one.
  forOne = user: "system-manager/user-tmpfiles.d/${user}.conf";

  text = lines: "# Made by System Manager from the configuration (systemd.user.tmpfiles);\n# changes here are lost.\n\n${lib.concatLines lines}";
  files =
    lib.optionalAttrs (cfg.rules != [ ]) { ${forEverybody} = cfg.rules; }
    // lib.mapAttrs' (user: own: lib.nameValuePair (forOne user) own.rules) (
      lib.filterAttrs (_: own: own.rules != [ ]) cfg.users
    );

  # Not every user has a file of his own, and systemd-tmpfiles refuses one that is not there.
  command =
    verbs:
    "/bin/sh -c ${lib.escapeShellArg ''set --; for file in /etc/${forEverybody} "/etc/system-manager/user-tmpfiles.d/$USER.conf"; do test ! -e "$file" || set -- "$@" "$file"; done; test $# -eq 0 || exec systemd-tmpfiles --user ${verbs} "$@"''}";

  service = description: verbs: {
    inherit description;
    documentation = [ "man:tmpfiles.d(5)" ];
    enableDefaultPath = false;
    serviceConfig = {
      Type = "oneshot";
      # "$" is for the shell, not for systemd.
      ExecStart = lib.replaceStrings [ "$" ] [ "$$" ] (command verbs);
      SuccessExitStatus = "DATAERR CANTCREAT";
    };
  };
in
{
  options.systemd.user.tmpfiles = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the rules are carried out for users.";
    };
    rules = rules "Lines of tmpfiles.d(5) for every user, taken as they are.";
    users = mkOption {
      type = types.attrsOf (
        types.submodule {
          options.rules = rules "Lines of tmpfiles.d(5) for this user, taken as they are.";
        }
      );
      default = { };
      description = "Rules for single users, by name.";
    };
  };

  config = lib.mkIf (cfg.enable && files != { }) {
    environment.etc = lib.mapAttrs (_: lines: { text = text lines; }) files;

    systemd.user.services = {
      system-manager-tmpfiles = lib.recursiveUpdate (service "Files and directories of System Manager" "--create --remove") {
        wantedBy = [ "basic.target" ];
        before = [ "basic.target" ];
        unitConfig.DefaultDependencies = false;
        restartTriggers = lib.mapAttrsToList (name: _: config.environment.etc.${name}.source) files;
        serviceConfig.RemainAfterExit = true;
      };
      system-manager-tmpfiles-clean = service "Cleaning of files and directories of System Manager" "--clean";
    };
    systemd.user.timers.system-manager-tmpfiles-clean = {
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnStartupSec = "5min";
        OnUnitActiveSec = "1d";
      };
    };
  };
}
