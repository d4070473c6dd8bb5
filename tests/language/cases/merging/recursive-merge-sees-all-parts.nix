rec { a = { x = 1; }; b = a.x + a.y; a.y = 2; }
