builtins.any (x: true) null
