/** Editors: installed, and everybody's $EDITOR if so wished. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.programs;

  editor = name: program: {
    enable = lib.mkEnableOption "the distribution's ${name}";
    defaultEditor = mkOption {
      type = types.bool;
      default = false;
      description = "Whether ${program} is everybody's $EDITOR.";
    };
  };
  used =
    name: program:
    lib.mkIf cfg.${name}.enable {
      environment.systemPackages = [ pkgs.${name} ];
      environment.variables.EDITOR = lib.mkIf cfg.${name}.defaultEditor (lib.mkOverride 900 program);
    };
in
{
  options.programs = {
    vim = editor "vim" "vim";
    neovim = editor "neovim" "nvim";
    nano = editor "nano" "nano" // {
      nanorc = mkOption {
        type = types.lines;
        default = "";
        example = "set tabstospaces";
        description = "The whole of /etc/nanorc in place of the distribution's, which comes back when this is empty.";
      };
    };
  };

  config = lib.mkMerge [
    (used "vim" "vim")
    (used "neovim" "nvim")
    (used "nano" "nano")
    (lib.mkIf (cfg.nano.nanorc != "") {
      environment.etc.nanorc = {
        text = cfg.nano.nanorc;
        replaceExisting = true;
      };
    })
  ];
}
