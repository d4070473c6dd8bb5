let builtins = {head = x: 5;}; in builtins.head [1]
