builtins.tryEval (throw "a")
