let w = {a = 1; b = {c = 2;};}; in with w; with b; [a c]
