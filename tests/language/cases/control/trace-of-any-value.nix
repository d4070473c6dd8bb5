[ (builtins.trace 1 1) (builtins.trace { a = [ 1 ]; } 2) (builtins.trace (x: x) 3) ]
