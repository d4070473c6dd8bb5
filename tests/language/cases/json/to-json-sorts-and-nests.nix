builtins.toJSON { z = [ { b = 1; a = [ ]; } ]; a = { y = { }; x = null; }; }
