let a-b = 1; a = 5; b = 3; in [ a-b (a - b) (a -b) ]
