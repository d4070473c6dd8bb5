let s = { a.b = 1; n = null; l = [ ]; }; in [ (s.a.b or 0) (s.x or 0) (s.x.y.z or 0) (s.a.x or 0) (s.n.x or 0) (s.l.x or "list") (s.a.b.c or "number") ((x: x).y or "function") ]
