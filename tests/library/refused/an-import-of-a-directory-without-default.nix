{ imports = [ ../functions ]; }
