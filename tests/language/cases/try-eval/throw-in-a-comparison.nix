builtins.tryEval (1 < throw "x")
