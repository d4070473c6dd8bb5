let s = { a.b = 1; n = null; }; k = "b"; in [ (s ? a) (s ? b) (s ? a.b) (s ? a.c) (s ? x.y) (s ? n.x) (s ? a.${k}) (s ? "a") (s ? a.b.c) (1 ? a) (null ? x) ]
