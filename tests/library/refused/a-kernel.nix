{ pkgs, ... }: { environment.systemPackages = [ pkgs.linuxPackages_latest.perf ]; }
