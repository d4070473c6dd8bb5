[ (builtins.lessThan [ 1 (throw "not reached") ] [ 2 3 ]) (builtins.lessThan [ { } 1 ] [ { } 2 ]) ]
