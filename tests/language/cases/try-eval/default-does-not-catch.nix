(builtins.tryEval ({ a = throw "x"; }.a or 1)).success
