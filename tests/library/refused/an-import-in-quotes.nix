{ imports = [ "disk.nix" ]; }
