{ imports = [ ../refused/imports-in-a-circle.nix ]; }
