let s = { }; f = x: x + 1; in [ (s.a or f 1) (s.a or 1 + 1) ]
