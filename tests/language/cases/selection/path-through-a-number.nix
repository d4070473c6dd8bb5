let e = { x = 1; }; in e.x.y
