let f = x: builtins.length x; g = s: s.a; in [ (f[1 2]) (g{ a = 1; }) ]
