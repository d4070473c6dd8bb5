scopedImport { y = 1; import = p: "hidden"; } ../files/scoped-import.nix
