[ y (import ./value.nix) ]
