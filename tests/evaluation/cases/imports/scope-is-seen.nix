scopedImport { a = 1; } (builtins.toFile "a.nix" "a + 1")
