{ pkgs, ... }: { environment.systemPackages = [ (pkgs.stdenv.mkDerivation { name = "x"; src = ./.; }) ]; }
