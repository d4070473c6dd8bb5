map builtins.toJSON [ 0 (-1) 1.0 0.1 1.0e30 123456789.123 (1.0 / 3) ]
