import ../files/itself.nix
