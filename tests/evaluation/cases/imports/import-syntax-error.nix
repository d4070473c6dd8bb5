import ../files/broken-syntax.nix
