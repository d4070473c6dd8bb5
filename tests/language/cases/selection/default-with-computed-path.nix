let s = { a.b = 1; }; k = "b"; m = "missing"; in [ (s.a.${k} or 0) (s.a.${m} or 0) (s.${m}.${k} or 0) ]
