scopedImport { map = 1; } (builtins.toFile "a.nix" "map")
