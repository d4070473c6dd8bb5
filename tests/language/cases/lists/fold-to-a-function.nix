builtins.foldl' (a: b: c: a) 0 [1]
