[ (map (x: x * 2) [ 1 2 3 ]) (map (throw "x") [ ]) (builtins.length (map (x: throw "x") [ 1 2 ])) (map { __functor = s: x: x + s.n; n = 10; } [ 1 2 ]) ]
