import ../files/value.nix
