{ inDirectory = import ./value.nix; }
