/**
  Programs with more rights than who runs them: set-uid, set-gid, or with capabilities(7).

  The store has neither, and /run is mounted so that they would have no effect. So they are copies in a file system
  of their own, made at boot and whenever they change.
*/
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.security;

  wrapper =
    { name, ... }:
    {
      options = {
        enable = mkOption {
          type = types.bool;
          default = true;
          description = "Whether the program is made.";
        };
        source = mkOption {
          type = types.path;
          description = "The program. A script cannot be given more rights this way.";
        };
        program = mkOption {
          type = types.strMatching "[^/[:space:]]+";
          default = name;
          defaultText = "the attribute name";
          description = "Its name in ${cfg.wrapperDir}.";
        };
        owner = mkOption {
          type = types.str;
          description = "Owner, by name or number.";
        };
        group = mkOption {
          type = types.str;
          description = "Group, by name or number.";
        };
        permissions = mkOption {
          type = types.strMatching "[ugoa]*[-+=][rwx]*(,[ugoa]*[-+=][rwx]*)*";
          default = "u+rx,g+x,o+x";
          description = "Who may run it, as for chmod(1), without `s`.";
        };
        setuid = mkOption {
          type = types.bool;
          default = false;
          description = "Whether it runs as its owner.";
        };
        setgid = mkOption {
          type = types.bool;
          default = false;
          description = "Whether it runs in its group.";
        };
        capabilities = mkOption {
          type = types.commas;
          default = "";
          example = "cap_net_raw+ep";
          description = "Capabilities that it has, as for setcap(8), which has to be on the machine.";
        };
      };
    };

  wrappers = lib.filter (entry: entry.enable) (lib.attrValues cfg.wrappers);
  arguments = lib.escapeShellArgs;

  # A file gets its rights last, and setuid only once it belongs to whom it is to run as.
  make =
    entry:
    let
      rights = lib.optional entry.setuid "u+s" ++ lib.optional entry.setgid "g+s";
      place = ''"$new"/${lib.escapeShellArg entry.program}'';
    in
    ''
      install --mode=0 ${arguments [ entry.source ]} ${place}
      chown ${arguments [ "${entry.owner}:${entry.group}" ]} ${place}
      chmod ${lib.concatStringsSep "," ([ entry.permissions ] ++ rights)} ${place}
    ''
    + lib.optionalString (entry.capabilities != "") ''
      setcap ${arguments [ entry.capabilities ]} ${place}
    '';

  directory = "/run/wrappers";
in
{
  options.security = {
    wrappers = mkOption {
      type = types.attrsOf (types.submodule wrapper);
      default = { };
      example.ping = {
        source = "/usr/bin/ping";
        owner = "root";
        group = "root";
        capabilities = "cap_net_raw+ep";
      };
      description = "Programs with more rights, by name.";
    };
    wrapperDir = mkOption {
      type = types.path;
      default = "${directory}/bin";
      readOnly = true;
      description = "Where they are.";
    };
    wrapperDirSize = mkOption {
      type = types.str;
      default = "50%";
      example = "10M";
      description = "How large ${directory} may become, as for tmpfs(5).";
    };
  };

  config = lib.mkIf (wrappers != [ ]) {
    assertions = map (entry: {
      assertion = entry.capabilities == "" || !(entry.setuid || entry.setgid);
      message = "security.wrappers.${entry.program}: a program has either capabilities or setuid and setgid.";
    }) wrappers;

    systemd.mounts = [
      {
        what = "tmpfs";
        where = directory;
        type = "tmpfs";
        options = "nodev,mode=0755,size=${cfg.wrapperDirSize}";
        wantedBy = [ "multi-user.target" ];
      }
    ];
    systemd.services.suid-sgid-wrappers = {
      description = "Make the programs of security.wrappers";
      wantedBy = [ "multi-user.target" ];
      unitConfig.RequiresMountsFor = [ directory ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
      # The old ones are there until the new ones are.
      script = ''
        umask 077
        new=$(mktemp --directory ${directory}/programs.XXXXXX)
        trap 'rm -rf "$new"' EXIT
        chmod 0755 "$new"
        ${lib.concatMapStrings make wrappers}
        old=$(readlink ${cfg.wrapperDir} || true)
        ln --symbolic "$(basename "$new")" ${directory}/bin.new
        mv --no-target-directory ${directory}/bin.new ${cfg.wrapperDir}
        trap - EXIT
        test -z "$old" || rm -rf ${directory}/"$old"
      '';
    };

    environment.extraInit = ''
      case ":$PATH:" in
        *:${cfg.wrapperDir}:*) ;;
        *) export PATH="${cfg.wrapperDir}:$PATH" ;;
      esac
    '';
  };
}
