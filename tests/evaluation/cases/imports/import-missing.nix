import ../files/nothing.nix
