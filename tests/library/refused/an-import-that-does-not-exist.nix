{ imports = [ ./missing-module.nix ]; }
