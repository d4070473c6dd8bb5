let { x = 2; body = x; }
