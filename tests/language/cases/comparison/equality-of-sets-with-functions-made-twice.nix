let mk = x: { f = y: x; }; in [ (mk 1 == mk 1) ]
