builtins.hashString null "a"
