let xs = [1] ++ map (x: x + 1) ys; ys = [1 2]; in xs
