builtins.placeholder { }
