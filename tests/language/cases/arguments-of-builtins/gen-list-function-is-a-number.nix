builtins.head (builtins.genList 1 2)
