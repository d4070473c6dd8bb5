builtins.tryEval (builtins.addErrorContext "ctx" (throw "a"))
