scopedImport { a = 1; } (builtins.toFile "a.nix" "import ${builtins.toFile "b.nix" "a"}")
