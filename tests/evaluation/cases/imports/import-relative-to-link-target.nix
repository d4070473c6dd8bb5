(import ../files/value-link.nix).beside
