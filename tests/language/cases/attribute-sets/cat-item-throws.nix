builtins.catAttrs "a" [ { a = 1; } (throw "item") ]
