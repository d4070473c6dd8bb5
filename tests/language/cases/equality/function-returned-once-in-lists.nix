let f = (y: x: x) 1; in [f] == [f]
