let x = { a = 1; inherit (y) b; }; y = { b = x.a; }; in x.b
