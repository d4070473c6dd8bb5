{ lib, ... }: { my.flag = lib.mkEnableOption "it"; }
