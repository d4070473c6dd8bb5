builtins.path [ ]
