let inherit (s) a b; s = {a = b; b = 2;}; in a
