./*.nix
