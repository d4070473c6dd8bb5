toString { outPath = [ 1 [ 2 ] null ]; }
