let d = n: { type = "derivation"; outPath = "/x"; name = n; }; in [ (d "a" == d "b") ({ type = "derivation"; outPath = "/x"; } == { type = "derivation"; outPath = "/y"; }) ]
