let f = x: x * 2; in [ (f 1 + 1) (f 1 * 3) (-f 2) (!(x: false) 1) ]
