builtins.sort (a: b: a < b) (builtins.genList (x: builtins.bitAnd (x * 7919) 1023) 300)
