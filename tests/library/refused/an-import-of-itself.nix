{ imports = [ ./an-import-of-itself.nix ]; }
