builtins.filter "x" [ 1 ]
