let a = x: if x then let b = 1; in b else with { c = 2; }; c; in [ (a true) (a false) ]
