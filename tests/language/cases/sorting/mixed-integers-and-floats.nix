builtins.sort builtins.lessThan [ 2 1.5 1 3.0 0.5 ]
