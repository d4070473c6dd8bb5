builtins.toPath null
