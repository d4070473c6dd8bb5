map (x: [ (builtins.floor x) (builtins.ceil x) ]) [ 1.5 (-1.5) 2 0.0 (-0.5) 2.0 ]
