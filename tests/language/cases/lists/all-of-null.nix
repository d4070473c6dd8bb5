builtins.all (x: true) null
