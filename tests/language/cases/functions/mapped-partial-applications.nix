builtins.map (f: f 1) (map (x: y: x+y) [1 2])
