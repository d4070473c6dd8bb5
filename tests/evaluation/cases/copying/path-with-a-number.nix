builtins.path { path = 1; }
