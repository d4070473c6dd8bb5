{ imports = [ [ ./a-wrong-type.nix ] ]; }
