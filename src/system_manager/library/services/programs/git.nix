/** git for everybody: git-config(1), in /etc/gitconfig. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.programs.git;

  settings = types.attrsOf (types.attrsOf types.anything);
in
{
  options.programs.git = {
    enable = lib.mkEnableOption "git, with the settings in /etc/gitconfig";
    package = mkOption {
      type = types.package;
      default = pkgs.git;
      defaultText = lib.literalExpression "pkgs.git";
      description = "The git to install.";
    };
    config = mkOption {
      type = types.either settings (types.listOf settings);
      default = { };
      example.init.defaultBranch = "main";
      description = "Settings by section; or a list of such sets, of which later ones come later in the file.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc.gitconfig = lib.mkIf (cfg.config != { } && cfg.config != [ ]) {
      text = lib.concatMapStringsSep "\n" lib.generators.toGitINI (lib.toList cfg.config);
    };
  };
}
