builtins.map (x: x) null
