let f = x: if x > 3 then throw "big" else x; in map (x: (builtins.tryEval (f x)).value) [ 1 5 2 ]
