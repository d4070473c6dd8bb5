builtins.catAttrs 1 [ { } ]
