{ pkgs, ... }: { systemd.tmpfiles.packages = [ (pkgs.writeTextDir "x" "y" // { outPath = "/nonexistent"; }) ]; }
