let f = x: x; in [ (!f true) (! f false) ]
