builtins.fetchurl { url = [ ]; }
