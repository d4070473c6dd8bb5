let l = [ 1 ] ++ map (x: x + 1) [ (builtins.head l) ]; in l
