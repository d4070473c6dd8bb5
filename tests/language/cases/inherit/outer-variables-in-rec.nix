let x = 1; y = x; z = y; in rec { inherit x y; w = z + x; }
