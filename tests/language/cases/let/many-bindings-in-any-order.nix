let z = y + x; y = x + w; x = w + 1; w = 1; in [ w x y z ]
