let f = x: x; s = { inherit f; }; l = [ f ]; in [ (s == s) (l == l) ]
