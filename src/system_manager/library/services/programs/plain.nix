/** Programs that are installed and no more. Those of the distribution bring their configuration along. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  names = [
    "fish"
    "htop"
    "iotop"
    "less"
    "mosh"
    "mtr"
    "screen"
    "zsh"
  ];
in
{
  options.programs = lib.genAttrs names (name: {
    enable = lib.mkEnableOption "the distribution's ${name}";
  });

  config.environment.systemPackages = map (name: pkgs.${name}) (
    lib.filter (name: config.programs.${name}.enable) names
  );
}
