let f = x: x; g = f; h = g; in [ f h ] == [ g g ]
