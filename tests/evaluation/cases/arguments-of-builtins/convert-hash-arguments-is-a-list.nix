builtins.convertHash [ ]
