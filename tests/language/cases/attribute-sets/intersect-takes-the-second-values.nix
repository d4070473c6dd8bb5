builtins.intersectAttrs { a = throw "never"; } { a = 1; b = throw "never"; }
