let a = b + 1; b = c; c = a; in a
