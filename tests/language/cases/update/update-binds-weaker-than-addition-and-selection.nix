let a = { x = 1; }; b = { x = 2; }; in [ (a // b).x (a // { y = 1 + 2; }).y ]
