builtins.removeAttrs { a = 1; } [ (throw "name") ]
