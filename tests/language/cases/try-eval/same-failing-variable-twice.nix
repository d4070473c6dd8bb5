let x = throw "x"; in [(builtins.tryEval x) (builtins.tryEval x)]
