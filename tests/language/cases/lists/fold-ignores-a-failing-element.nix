builtins.foldl' (a: b: a) 0 [ 1 (throw "not needed") 3 ]
