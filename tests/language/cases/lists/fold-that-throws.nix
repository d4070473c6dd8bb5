builtins.foldl' (a: b: throw "x") 0 [ 1 ]
