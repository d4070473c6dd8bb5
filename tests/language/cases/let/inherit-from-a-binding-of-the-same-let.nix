let s = { a = 1; }; inherit (s) a; b = a; in b
