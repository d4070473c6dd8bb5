let a = if b then 1 else 2; b = a == 1; in a
