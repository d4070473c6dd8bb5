let f = x: let y = x * 2; in z: x + y + z; in [ (f 1 2) (f 10 20) ]
