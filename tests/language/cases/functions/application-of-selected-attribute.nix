let s = { f = x: x + 1; g.h = x: y: x * y; }; in [ (s.f 1) (s.g.h 3 4) ]
