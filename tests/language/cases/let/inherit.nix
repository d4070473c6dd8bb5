let s = { a = 1; b = 2; }; inherit (s) a; in let inherit (s) b; c = a; in [ a b c ]
