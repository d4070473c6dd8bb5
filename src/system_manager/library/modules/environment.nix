/** Packages and variables for everybody who logs in. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.environment;

  sw = "/run/system-manager/sw";

  variables = types.attrsOf (
    types.nullOr (
      types.oneOf [
        (types.listOf (
          types.oneOf [
            types.int
            types.str
            types.path
          ]
        ))
        types.int
        types.str
        types.path
      ]
    )
  );

  asText = value: if lib.isList value then lib.concatMapStringsSep ":" toString value else toString value;

  set = lib.mapAttrs (_: asText) (lib.filterAttrs (_: value: value != null) cfg.variables);

  refuseName =
    name:
    if lib.isValidPosixName name then
      name
    else
      throw "environment.variables.\"${name}\": this is not the name of an environment variable";

  # The shell sees the text as it is, whatever characters it has.
  export = name: value: "export ${refuseName name}='${lib.replaceStrings [ "'" ] [ "'\\''" ] value}'";

  # environment.d(5): quotes are taken off first, then variables are expanded, where "$$" is a dollar sign.
  assignment =
    name: value:
    if lib.hasInfix "\n" value then
      throw "environment.variables.${name}: a value for systemd's environment.d has to be one line"
    else
      ''${refuseName name}="${lib.replaceStrings [ "\\" "\"" "$" "`" ] [ "\\\\" "\\\"" "$$" "\\`" ] value}"'';

  lines = render: lib.concatStrings (lib.mapAttrsToList (name: value: render name value + "\n") set);

  profile = ''
    # Made by System Manager from the configuration; changes here are lost.
    ${lines export}
    case ":$PATH:" in
      *:${sw}/bin:*) ;;
      *) export PATH="${sw}/bin''${PATH:+:$PATH}" ;;
    esac
    case ":''${XDG_DATA_DIRS:-}:" in
      *:${sw}/share:*) ;;
      *) export XDG_DATA_DIRS="${sw}/share:''${XDG_DATA_DIRS:-/usr/local/share:/usr/share}" ;;
    esac
    ${cfg.extraInit}
  '';
in
{
  options = {
    environment = {
      systemPackages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        example = lib.literalExpression "[ pkgs.ripgrep ]";
        description = "Packages whose programs are in everybody's PATH.";
      };
      corePackages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        description = "Packages that modules add to systemPackages.";
      };
      defaultPackages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        description = "Packages that are added unless this list is emptied.";
      };
      pathsToLink = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "/lib" ];
        description = "Directories of the packages that are linked into ${sw}, beside /bin and /share.";
      };
      extraOutputsToInstall = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "doc" ];
        description = "Outputs of the packages that are installed as well.";
      };
      extraSetup = mkOption {
        type = types.lines;
        default = "";
        description = "Shell commands that change the finished directory of packages, `$out`.";
      };
      variables = mkOption {
        type = variables;
        default = { };
        example = {
          EDITOR = "vim";
          MANPATH = [
            "/opt/app/man"
            "/usr/share/man"
          ];
        };
        description = "Variables of every login shell and every user unit. The elements of a list are joined with colons; null leaves the variable unset.";
      };
      sessionVariables = mkOption {
        type = variables;
        default = { };
        description = "As `variables`, under the name that NixOS has for those set early.";
      };
      extraInit = mkOption {
        type = types.lines;
        default = "";
        description = "Shell commands for every login shell, run by sh and bash.";
      };
      shellInit = mkOption {
        type = types.lines;
        default = "";
        description = "Shell commands for every login shell, before those of extraInit.";
      };
    };
    users.motd = mkOption {
      type = types.nullOr types.lines;
      default = null;
      description = "The whole of /etc/motd, which is shown after a login. The distribution's comes back when this is null.";
    };
    system.path = mkOption {
      type = types.package;
      internal = true;
      description = "The directory with the programs of all systemPackages, at ${sw} while the configuration is active.";
    };
    system-manager.build.environment = mkOption {
      type = types.raw;
      internal = true;
      readOnly = true;
      description = "The variables as text, by name.";
    };
  };

  config = {
    environment = {
      systemPackages = cfg.corePackages ++ cfg.defaultPackages;
      pathsToLink = [
        "/bin"
        "/share"
      ];
      variables = cfg.sessionVariables;
      extraInit = lib.mkIf (cfg.shellInit != "") (lib.mkBefore cfg.shellInit);
      etc = {
        motd = lib.mkIf (config.users.motd != null) {
          text = config.users.motd;
          replaceExisting = true;
        };
        "profile.d/system-manager-path.sh".text = profile;
        "environment.d/10-system-manager.conf".text = ''
          # Made by System Manager from the configuration; changes here are lost.
          PATH="${sw}/bin:''${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
          XDG_DATA_DIRS="${sw}/share:''${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
          ${lines assignment}'';

        # For the next boot; a switch makes the link itself. It is a file of its own, and not among the rules that a
        # switch applies when they changed, since every new package changes it.
        "tmpfiles.d/system-manager-path.conf".text = "L+ ${sw} - - - - ${config.system.path}\n";
      };
    };

    system.path = lib.mkDefault (
      pkgs.buildEnv {
        name = "system-path";
        paths = cfg.systemPackages;
        inherit (cfg) pathsToLink extraOutputsToInstall;
        ignoreCollisions = true;
        postBuild = cfg.extraSetup;
      }
    );

    system-manager.build.environment = set;
  };
}
