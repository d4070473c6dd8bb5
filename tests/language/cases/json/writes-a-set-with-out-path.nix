builtins.toJSON { outPath = "out"; a = throw "never"; }
