builtins.toJSON { outPath = { outPath = [ 1 ]; }; }
