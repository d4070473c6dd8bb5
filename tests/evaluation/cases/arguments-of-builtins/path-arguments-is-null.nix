builtins.path null
