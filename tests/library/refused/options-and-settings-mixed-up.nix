{ lib, ... }: { options.my.flag = lib.mkEnableOption "it"; environment.variables.X = "1"; }
