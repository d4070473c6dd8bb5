let f = { a, b }: a - b; in [ (f { a = 3; b = 1; }) (f { b = 1; a = 2; }) ]
