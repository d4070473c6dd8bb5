builtins.toJSON { a.b = [ (throw "deep") ]; }
