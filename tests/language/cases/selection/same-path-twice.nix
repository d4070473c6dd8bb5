let u = { a = { b = 1; }; }; in u.a.b + u.a.b
