let a = 8; b = 2; in [ (a / b) (a/ b) ]
