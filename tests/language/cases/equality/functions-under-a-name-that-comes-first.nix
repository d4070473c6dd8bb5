let zz = yy; yy = x: x; in [ zz ] == [ yy ]
