builtins.catAttrs null [ { } ]
