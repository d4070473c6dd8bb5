let x = y; y = throw "e"; in [(builtins.tryEval x).success (builtins.tryEval y).success (builtins.tryEval x).success]
