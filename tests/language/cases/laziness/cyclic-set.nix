let a = { b = a; x = 1; }; in a.b.b.b.x
