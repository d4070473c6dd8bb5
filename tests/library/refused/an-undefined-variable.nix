{ pkgs, ... }: { environment.systemPackages = [ ripgrep ]; }
