{ pkgs, ... }: { environment.systemPackages = [ pkgs.nginxx ]; }
