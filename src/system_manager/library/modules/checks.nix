/** What has to succeed before a configuration is built, and before it is activated. */
{
  config,
  lib,
  options,
  pkgs,
  ...
}:

let
  cfg = config.system-manager;

  # Families and members of os-release's ID and ID_LIKE on which activation is known to work.
  supported = [
    "arch"
    "debian"
    "fedora"
    "nixos"
    "opensuse"
    "rhel"
    "suse"
    "ubuntu"
  ];

  check =
    { name, ... }:
    {
      options = {
        enable = lib.mkOption {
          type = lib.types.bool;
          default = true;
          description = "Whether the check is made.";
        };
        name = lib.mkOption {
          type = lib.types.str;
          default = name;
          defaultText = "the attribute name";
          description = "What the check is called when it fails.";
        };
        script = lib.mkOption {
          type = lib.types.lines;
          description = "Commands of the shell, run as root. A status other than 0 refuses the activation; what they print on standard error says why.";
        };
      };
    };
in
{
  options = {
    system.checks = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      description = "Packages that have to build before the configuration counts as built.";
    };

    system-manager = {
      allowAnyDistro = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to activate on distributions that System Manager has not been tested on.";
      };
      preActivationChecks = lib.mkOption {
        type = lib.types.attrsOf (lib.types.submodule check);
        default = { };
        example = lib.literalExpression ''{ enoughSpace.script = "test $(df --output=avail / | tail -n 1) -gt 100000"; }'';
        description = "Checks made on the machine before anything on it is changed.";
      };
    };
  };

  imports = [
    (lib.mkAliasOptionModule
      [ "system-manager" "preActivationAssertions" ]
      [ "system-manager" "preActivationChecks" ]
    )
  ];

  config.system-manager.preActivationChecks.osVersion = {
    enable = lib.mkDefault (!cfg.allowAnyDistro);
    script = ''
      . /etc/os-release
      for known in ${lib.concatStringsSep " " supported}; do
        case " $ID ''${ID_LIKE-} " in *" $known "*) exit 0 ;; esac
      done
      echo "$PRETTY_NAME is not a distribution that System Manager is tested on; set system-manager.allowAnyDistro = true to use it nevertheless" >&2
      exit 1
    '';
  };
}
