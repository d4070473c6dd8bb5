let f = (y: x: x) 1; in builtins.seq f [f] == [f]
