import ../files/value.nix == import ../files/value.nix
