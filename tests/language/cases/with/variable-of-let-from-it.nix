with {a = 1;}; let b = a; in b
