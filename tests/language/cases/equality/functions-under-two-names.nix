let f = x: x; g = f; in { a = f; } == { a = g; }
