let s = { a.b = 1; }; in [ s.a.b s.c or 2 [ ] { } "x" ./. (-1) ]
