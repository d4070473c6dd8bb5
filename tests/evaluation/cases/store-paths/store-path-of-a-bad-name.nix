builtins.storePath "/nix/store/short"
