let f = a: b: c: a + b + c; in map (f 1 2) [3]
