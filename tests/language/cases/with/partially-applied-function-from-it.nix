with { f = a: b: a + b; }; map (f 1) [1 2]
