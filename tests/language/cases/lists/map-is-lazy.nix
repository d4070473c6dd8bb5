builtins.length (map (x: throw "not needed") [ 1 2 3 ])
