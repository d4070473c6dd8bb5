builtins.mul "1" 2
