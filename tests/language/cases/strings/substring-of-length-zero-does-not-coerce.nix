builtins.substring 0 0 { a = 1; }
