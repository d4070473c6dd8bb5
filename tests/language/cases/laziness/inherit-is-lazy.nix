let a = throw "no"; s = { inherit a; b = 1; }; in s.b
