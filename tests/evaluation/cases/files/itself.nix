import ./itself.nix
