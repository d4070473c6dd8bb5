scopedImport { y = 5; } ../files/scoped.nix
