(x: x.y.z) { y = 1; }
