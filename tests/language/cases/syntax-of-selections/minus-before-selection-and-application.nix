let s = { a = 1; f = x: x; }; in [ (-s.a) (-s.f 2) (- s.a - 1) ]
