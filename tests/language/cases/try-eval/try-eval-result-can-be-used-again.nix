let x = throw "x"; t = builtins.tryEval x; in [ t.success (builtins.tryEval x).success ]
