(x: x) + (x: x)
