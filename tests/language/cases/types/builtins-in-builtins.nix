builtins.builtins.head [1]
