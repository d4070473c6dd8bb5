let x = throw "x"; in [(builtins.tryEval x).success x]
