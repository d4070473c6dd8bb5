{ a.b = "x"; a.b.c = 1; }
