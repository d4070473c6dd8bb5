let s = { }; t = { c = 3; }; in [ (s.a or s.b or 2) (s.a or t.c) (s.a or t.d or 4) ]
