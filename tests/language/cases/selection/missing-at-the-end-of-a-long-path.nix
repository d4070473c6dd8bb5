let as = { x.y.z = 1; }; in as.x.y.w
