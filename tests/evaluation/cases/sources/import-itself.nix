import ./files/itself.nix
