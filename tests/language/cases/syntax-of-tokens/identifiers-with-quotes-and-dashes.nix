let a' = 1; a'' = 2; a-b-c = 3; _x = 4; A9 = 5; in [ a' a'' a-b-c _x A9 ]
