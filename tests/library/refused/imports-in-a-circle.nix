{ imports = [ { imports = [ ../imports/round.nix ]; } ]; }
