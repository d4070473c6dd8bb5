import ./files/nothing.nix
