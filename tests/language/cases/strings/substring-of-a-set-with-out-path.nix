builtins.substring 0 3 { outPath = "/nix/x"; }
