let a = 1; b = a; in let a = 2; c = b; d = a; in [ a b c d ]
