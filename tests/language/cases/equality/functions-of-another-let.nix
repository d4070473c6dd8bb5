let f = x: x; in let g = f; h = g; in [ f ] == [ h ]
