let a = b; b = a; c = a; in c
