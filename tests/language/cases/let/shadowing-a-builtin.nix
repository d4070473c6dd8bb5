let map = "mine"; true = false; in [ map true (builtins.typeOf builtins.map) ]
