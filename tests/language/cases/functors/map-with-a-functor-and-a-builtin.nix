[ (map { __functor = _: x: x * x; } [ 1 2 3 ]) (builtins.foldl' builtins.add 0 [ 1 2 3 ]) (builtins.sort { __functor = _: a: b: a > b; } [ 1 3 2 ]) ]
