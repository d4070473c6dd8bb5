let f = x: y: x; g = f; in g 1
