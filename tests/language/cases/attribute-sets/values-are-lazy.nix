let s = { a = throw "not needed"; b = 2; }; in s.b
