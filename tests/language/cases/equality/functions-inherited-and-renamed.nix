let s = { f = x: x; }; inherit (s) f; g = f; in [ f ] == [ g ]
