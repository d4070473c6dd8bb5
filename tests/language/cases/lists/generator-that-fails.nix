builtins.genList (n: 10 / (n - 1)) 3
