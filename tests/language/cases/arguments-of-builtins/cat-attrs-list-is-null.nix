builtins.catAttrs "a" null
