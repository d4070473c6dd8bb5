let x = throw "always"; in [ (builtins.tryEval x).success x ]
