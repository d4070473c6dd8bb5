let x = { a = throw "q"; b = x.a; }; in [ (builtins.tryEval x.b).success (builtins.tryEval x.a).success ]
