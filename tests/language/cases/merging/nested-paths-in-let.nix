let x.y.z = 1; x.y.w = 2; in x
