builtins.tryEval undefined
