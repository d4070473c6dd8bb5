/** Who may do what as whom: sudoers(5). The program is the distribution's. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.security.sudo;

  name = types.either types.int types.str;

  command = types.submodule {
    options = {
      command = mkOption {
        type = types.str;
        description = "A command with its arguments, or `ALL`.";
      };
      options = mkOption {
        type = types.listOf (
          types.enum [
            "NOPASSWD"
            "PASSWD"
            "NOEXEC"
            "EXEC"
            "SETENV"
            "NOSETENV"
            "LOG_INPUT"
            "NOLOG_INPUT"
            "LOG_OUTPUT"
            "NOLOG_OUTPUT"
            "MAIL"
            "NOMAIL"
            "FOLLOW"
            "NOFOLLOW"
            "INTERCEPT"
            "NOINTERCEPT"
          ]
        );
        default = [ ];
        description = "Tags of the command.";
      };
    };
  };

  rule = types.submodule {
    options = {
      users = mkOption {
        type = types.listOf name;
        default = [ ];
        description = "Users, by name or number.";
      };
      groups = mkOption {
        type = types.listOf name;
        default = [ ];
        description = "Groups, by name or number.";
      };
      host = mkOption {
        type = types.str;
        default = "ALL";
        description = "On which machines.";
      };
      runAs = mkOption {
        type = types.str;
        default = "ALL:ALL";
        description = "As whom, as `user:group`.";
      };
      commands = mkOption {
        type = types.listOf (types.either types.str command);
        description = "What they may run.";
      };
    };
  };

  asCommand =
    given:
    if lib.isString given then given else lib.concatMapStrings (tag: "${tag}:") given.options + given.command;

  asUser = given: if lib.isInt given then "#${toString given}" else given;
  asGroup = given: "%${asUser given}";

  line =
    entry: who:
    "${who} ${entry.host}=(${entry.runAs}) ${lib.concatMapStringsSep ", " asCommand entry.commands}\n";

  lines = entry: lib.concatMapStrings (line entry) (map asUser entry.users ++ map asGroup entry.groups);

  all = options: {
    host = "ALL";
    runAs = "ALL:ALL";
    commands = [
      {
        command = "ALL";
        inherit options;
      }
    ];
  };
  administrators = all (cfg.defaultOptions ++ lib.optional (!cfg.wheelNeedsPassword) "NOPASSWD");

  text = ''
    # Made by System Manager from the configuration; changes here are lost.
    Defaults env_reset
    Defaults secure_path="${lib.concatStringsSep ":" cfg.securePath}"
    ${lib.optionalString cfg.keepTerminfo ''
      Defaults:root,%wheel,%sudo env_keep+="TERMINFO TERMINFO_DIRS"
    ''}
    ${line (all cfg.defaultOptions) "root"}${line administrators "%wheel"}${line administrators "%sudo"}
    ${lib.concatMapStrings lines (lib.filter (entry: entry.commands != [ ]) cfg.extraRules)}
    ${cfg.extraConfig}
    @includedir /etc/sudoers.d
  '';
in
{
  options.security.sudo = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether /etc/sudoers is written. The distribution's comes back when this is switched off.";
    };
    wheelNeedsPassword = mkOption {
      type = types.bool;
      default = true;
      description = "Whether members of the groups wheel and sudo have to give their password.";
    };
    defaultOptions = mkOption {
      type = types.listOf types.str;
      default = [ "SETENV" ];
      description = "Tags of the rules for root, wheel and sudo.";
    };
    extraRules = mkOption {
      type = types.listOf rule;
      default = [ ];
      example = [
        {
          groups = [ "operators" ];
          commands = [
            {
              command = "/usr/bin/systemctl restart nginx.service";
              options = [ "NOPASSWD" ];
            }
          ];
        }
      ];
      description = "Rules after those of the administrators. The last one that matches counts.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Lines after the rules.";
    };
    keepTerminfo = mkOption {
      type = types.bool;
      default = true;
      description = "Whether root and the administrators keep TERMINFO and TERMINFO_DIRS.";
    };
    securePath = mkOption {
      type = types.listOf types.str;
      default = [
        "/run/system-manager/sw/bin"
        "/usr/local/sbin"
        "/usr/local/bin"
        "/usr/sbin"
        "/usr/bin"
        "/sbin"
        "/bin"
      ];
      description = "Directories in which commands are looked for.";
    };
    configFile = mkOption {
      type = types.lines;
      default = text;
      defaultText = "what follows from the other options";
      description = "The whole content of /etc/sudoers.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.etc.sudoers = {
      text = cfg.configFile;
      mode = "0440";
      replaceExisting = true;
    };

    # Nobody could become root any more with a file that sudo refuses.
    system-manager.preActivationChecks.sudoers.script = ''
      command -v visudo > /dev/null || { echo "security.sudo.enable needs sudo, which is not installed" >&2; exit 1; }
      said=$(visudo --check --file=${config.environment.etc.sudoers.source} 2>&1) || { echo "$said" >&2; exit 1; }
    '';
  };
}
