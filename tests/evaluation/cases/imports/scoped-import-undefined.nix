import ../files/scoped.nix
