let inf = 1.0e308 * 10; in map toString [ inf (-inf) (-0.0) 1.0e-10 123456789.987654321 1.0e300 ]
