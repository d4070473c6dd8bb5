scopedImport 1 ../files/value.nix
