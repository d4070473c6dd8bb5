(builtins.tryEval (throw "a" + "b")).success
