import ../files/function.nix { x = 2; }
